"""Proofs that a request comes from the owner of the account."""

from __future__ import annotations

from chassis.contracts import client_address
from django.http import HttpRequest
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from accounts.authentication import SessionRequest
from accounts.models import KnownClient, User
from accounts.throttling import attempt, client_of


class WrongPassword(PermissionDenied):
    """The password that should confirm the request is not the account's."""

    default_detail = "The password is wrong."
    default_code = "wrong_password"


def confirm_password(request: SessionRequest, password: str) -> None:
    """Raise WrongPassword unless this is the account's password.

    Guesses count for the session, so that nobody without one keeps its owner from changing the password or deleting the
    account. Like every sign-in, right or wrong, it counts for the client, because each costs a hash.
    """
    client = client_of(client_address(request))
    with attempt(("login_ip", client), ("confirm", str(request.auth.pk)), counted=[("sign_in", client)]):
        if not request.user.check_password(password):
            raise WrongPassword


def remember_client(request: HttpRequest | Request, user: User) -> None:
    """Let the client of somebody who has just proved to own the account be known to it."""
    KnownClient.objects.remember(user, client_of(client_address(request)))
