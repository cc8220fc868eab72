"""Erasing an account: its rows in every service, and what the admins remember of it."""

from __future__ import annotations

from uuid import UUID, uuid4

from chassis.erasure import delete_admin_user, forget_row
from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.clients import erase_account_data, services_with_account_data
from accounts.jobs import erase_everywhere
from accounts.models import ERASED, SET_ASIDE, Tombstone, User


def erase(*, account: User) -> None:
    """Delete an account, and have every service erase what belonged to it, in one transaction."""
    with transaction.atomic():
        # A login that began before would give it a session between the deletion of its sessions and its own.
        User.objects.select_for_update().filter(pk=account.pk).first()
        Tombstone.objects.bury(account.pk)
        erase_everywhere(account.pk)
        forget_row(account)
        delete_admin_user(account, _erased_account)


def _erased_account() -> User:
    unknown = {"email": f"{uuid4()}@{SET_ASIDE}", "password": make_password(None), "is_active": False}
    return User.objects.get_or_create(pk=ERASED, defaults=unknown)[0]


def erase_stray(service: str, account_id: UUID) -> None:
    """Erase the rows of an account that does not exist; it counts as deleted only if that is known."""
    erase_account_data(service, account_id, deleted=bool(Tombstone.objects.buried([account_id])))


def erase_revived(account_id: UUID) -> None:
    """Delete an account again, and at once what it owns."""
    account = User.objects.filter(pk=account_id).first()
    # Its owner may have deleted it since it was found.
    if account:
        erase(account=account)
    for service in services_with_account_data():
        erase_account_data(service, account_id)
