"""What a service knows of accounts: whose rows it has, and who was deleted."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from chassis.testing import JSONClient
from chassis.testing.acts import at_once
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from chassis import reconciliation
from tests.models import Note, Tombstone

pytestmark = pytest.mark.django_db
ACCOUNTS = [UUID(int=number) for number in range(1, 8)]


def owners(service: JSONClient, after: UUID | None = None) -> list[UUID]:
    answer = service.get(f"/internal/accounts{'' if after is None else f'?after={after}'}")
    assert answer.status_code == 200
    return [UUID(each) for each in answer.json()["ids"]]


def test_accounts_with_rows_or_a_local_user_are_listed_once_in_pages(
    service: JSONClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "PAGE", 3)
    for account in (*ACCOUNTS[1:6], ACCOUNTS[1]):
        Note.objects.create(owner=account, title="x", created_at=timezone.now())
    for name in (str(ACCOUNTS[0]), str(ACCOUNTS[2]), "erased"):
        User.objects.create(username=name)

    assert owners(service) == ACCOUNTS[:3]
    assert owners(service, ACCOUNTS[2]) == ACCOUNTS[3:6]
    assert owners(service, ACCOUNTS[5]) == []


def test_a_deleted_account_is_known_by_a_hash_that_needs_the_key_of_the_service(
    service: JSONClient, settings: Settings
) -> None:
    for account in (ACCOUNTS[0], ACCOUNTS[0], ACCOUNTS[1]):
        Tombstone.objects.bury(account)

    answer = service.post("/internal/accounts/deleted", {"ids": [str(each) for each in ACCOUNTS[1:3]]})

    assert (answer.status_code, answer.json()) == (200, {"ids": [str(ACCOUNTS[1])]})
    assert str(ACCOUNTS[0]) not in {str(each) for each in Tombstone.objects.all()}
    settings.SECRET_KEY = "another" * 10
    assert Tombstone.objects.buried(ACCOUNTS) == set()


def test_a_deletion_is_forgotten_when_no_backup_is_older(settings: Settings) -> None:
    settings.BACKUPS_KEPT_DAYS = 10
    for account, days in ((ACCOUNTS[0], 11), (ACCOUNTS[1], 9)):
        Tombstone.objects.bury(account)
        age = timezone.now() - timedelta(days=days)
        Tombstone.objects.filter(created_at__gt=timezone.now() - timedelta(days=1)).update(created_at=age)

    Tombstone.objects.bury(ACCOUNTS[2])

    assert Tombstone.objects.buried(ACCOUNTS) == {ACCOUNTS[1], ACCOUNTS[2]}


@pytest.mark.django_db(transaction=True)
def test_two_deletions_that_forget_the_same_one_do_not_wait_for_each_other(settings: Settings) -> None:
    Tombstone.objects.bury(ACCOUNTS[0])
    settings.BACKUPS_KEPT_DAYS = 0

    with transaction.atomic():
        Tombstone.objects.select_for_update().get()
        at_once(1, lambda _: Tombstone.objects.bury(ACCOUNTS[1]))

    assert Tombstone.objects.buried(ACCOUNTS) == {ACCOUNTS[0], ACCOUNTS[1]}


def test_an_account_that_is_deleted_again_is_remembered_from_then(settings: Settings) -> None:
    settings.BACKUPS_KEPT_DAYS = 10
    Tombstone.objects.bury(ACCOUNTS[0])
    Tombstone.objects.update(created_at=timezone.now() - timedelta(days=9))

    Tombstone.objects.bury(ACCOUNTS[0])

    # A backup of yesterday, when the account was back, is kept for nine days more.
    assert Tombstone.objects.get().created_at > timezone.now() - timedelta(days=1)


@pytest.mark.parametrize("ids", [None, "x", ["x"], [str(ACCOUNTS[0])] * 501], ids=["none", "text", "no-id", "many"])
def test_what_is_no_page_of_ids_is_refused(service: JSONClient, ids: object) -> None:
    assert service.post("/internal/accounts/deleted", {"ids": ids}).status_code == 400


def test_without_the_key_there_is_nothing() -> None:
    stranger = JSONClient()

    assert stranger.get("/internal/accounts").status_code == 404
    assert stranger.post("/internal/accounts/deleted", {"ids": []}).status_code == 404
