"""Authentication in auth_svc: by its own tokens, and by passwords, whose check costs the same for everyone."""

from __future__ import annotations

from chassis.contracts import client_address
from chassis.exceptions import Unauthorized
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from rest_framework.authentication import TokenAuthentication
from rest_framework.request import Request

from accounts.models import KnownClient, Session, User
from accounts.throttling import attempt, client_of
from accounts.tokens import session_of


class InvalidCredentials(Unauthorized):
    """Wrong e-mail address or wrong password; which of them is not said."""

    default_detail = "The e-mail address or the password is wrong."
    default_code = "invalid_credentials"
    headers = {"WWW-Authenticate": 'Bearer realm="api"'}


class SessionRequest(Request):
    """A request past authentication: its user is the account, its auth the session."""

    user: User
    auth: Session


class SessionTokenAuthentication(TokenAuthentication):
    """Authenticate a Bearer token (RFC 6750) against its session."""

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[User, Session]:
        session = session_of(key)
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def sign_in(request: HttpRequest | Request, email: str, password: str, address: str | None = None) -> User:
    """Return the active account with these credentials; raise InvalidCredentials, Throttled or ServiceUnavailable.

    Places under the limits are taken before the password is hashed, whether or not the account exists. Those of
    failures are given back on success, and when the password could not be checked. Every outcome hashes once.
    """
    client = client_of(address or client_address(request))
    user = User.objects.filter(email__lower=email.lower()).first()
    with attempt(*limits_of(email.lower(), user, client), counted=[("sign_in", client)]):
        if user is None:
            make_password(password)
        if user is None or not user.check_password(password) or not user.is_active:
            raise InvalidCredentials
    with transaction.atomic():
        if not user.lock_if_unchanged():
            raise InvalidCredentials
        KnownClient.objects.remember(user, client)
    return user


def limits_of(email: str, user: User | None, client: str) -> list[tuple[str, ...]]:
    """Return the limits that a wrong password is under: that of the client first, then those of the account.

    A client that is refused leaves no counter behind for every address that it invents. One that has signed in to the
    account before does not meet the limit of the account as a whole, so that nobody locks its owner out.
    """
    limits: list[tuple[str, ...]] = [("login_ip", client), ("login", email, client)]
    if not KnownClient.objects.knows(str(user.pk) if user else email, client):
        limits.append(("login_account", email))
    return limits
