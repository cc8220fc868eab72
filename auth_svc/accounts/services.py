"""Erasing an account: its rows in every service, and what the admins remember of it."""

from __future__ import annotations

from uuid import uuid4

from chassis.erasure import delete_admin_user, forget_row
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.jobs import erase_everywhere
from accounts.models import ERASED, SET_ASIDE, User


def erase(*, account: User) -> None:
    """Delete an account, and have every service erase what belonged to it, in one transaction."""
    with transaction.atomic():
        erase_everywhere(account.pk)
        forget_row(account)
        delete_admin_user(account, _erased_account)


def _erased_account() -> User:
    unknown = {"email": f"{uuid4()}@{SET_ASIDE}", "password": make_password(None), "is_active": False}
    return User.objects.get_or_create(pk=ERASED, defaults=unknown)[0]
