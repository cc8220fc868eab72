from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from accounts.models import Session, User
from accounts.tokens import token_pair
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import at_once
from django.core.management import call_command
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona

NEW = "another horse battery"


def change(persona: Persona, old: Any = PASSWORD, new: Any = NEW) -> Any:
    return persona.client.post("/auth/password/change", {"old_password": old, "new_password": new})


def test_the_new_password_is_good_and_the_old_is_not(alice: Persona) -> None:
    response = change(alice)

    assert response.status_code == 200
    alice.user.refresh_from_db()
    assert alice.user.check_password(NEW)
    assert not alice.user.check_password(PASSWORD)


def test_it_ends_the_other_sessions_of_the_account_only(alice: Persona, bob: Persona) -> None:
    phone = Session.objects.open(alice.user)
    assert phone is not None
    pair = token_pair(phone)

    change(alice)

    assert alice.is_signed_in()
    assert bob.is_signed_in()
    assert failure_of(JSONClient(pair["access_token"]).get("/auth/me")) == (401, "token_invalid")
    refreshed = JSONClient().post("/auth/refresh", {"refresh_token": pair["refresh_token"]})
    assert failure_of(refreshed) == (401, "token_invalid")


def test_the_command_of_django_ends_every_session(
    alice: Persona, bob: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)

    call_command("changepassword", "alice@example.com", stdout=StringIO())

    alice.user.refresh_from_db()
    assert alice.user.check_password(NEW)
    assert not alice.is_signed_in()
    assert bob.is_signed_in()


def test_a_hash_that_is_made_anew_ends_no_session(alice: Persona, settings: Settings) -> None:
    stored = alice.user.password
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]

    assert alice.user.check_password(PASSWORD)

    assert User.objects.get(pk=alice.user.pk).password != stored
    assert alice.is_signed_in()


def test_the_session_that_changed_it_can_be_refreshed(alice: Persona) -> None:
    change(alice)

    assert JSONClient().post("/auth/refresh", {"refresh_token": alice.refresh_token}).status_code == 200


def test_a_wrong_old_password_changes_nothing(alice: Persona) -> None:
    assert failure_of(change(alice, "wrong horse")) == (403, "wrong_password")
    alice.user.refresh_from_db()
    assert alice.user.check_password(PASSWORD)


def test_guesses_here_are_limited(alice: Persona) -> None:
    for _ in range(10):
        change(alice, "wrong horse")

    response = change(alice)

    assert failure_of(response) == (429, "throttled")
    assert 3500 < int(response["Retry-After"]) <= 3600


@pytest.mark.parametrize(
    "new", ["short", "1234567890", " " * 12, "alice@example.com", "", None, 12345678901, []], ids=repr
)
def test_a_weak_new_password_is_refused_by_name(alice: Persona, new: Any) -> None:
    response = change(alice, new=new)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["new_password"]


def test_the_old_password_is_required(alice: Persona) -> None:
    response = alice.client.post("/auth/password/change", {"new_password": NEW})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["old_password"]


def test_it_needs_a_token(anonymous: JSONClient) -> None:
    assert failure_of(anonymous.post("/auth/password/change", {})) == (401, "not_authenticated")


def test_a_reset_that_overtakes_the_change_wins(alice: Persona, while_hashing: Any) -> None:
    while_hashing(lambda: User.objects.get(pk=alice.user.pk).change_password("the owner's choice"))

    assert failure_of(change(alice)) == (403, "wrong_password")
    alice.user.refresh_from_db()
    assert alice.user.check_password("the owner's choice")


def test_a_deletion_that_overtakes_the_change_wins(alice: Persona, while_hashing: Any) -> None:
    while_hashing(lambda: User.objects.get(pk=alice.user.pk).delete())

    assert failure_of(change(alice)) == (403, "wrong_password")


@pytest.mark.django_db(transaction=True)
def test_of_four_changes_at_once_one_counts(alice: Persona) -> None:
    statuses = at_once(4, lambda index: change(alice, new=f"{NEW} {index}").status_code)

    assert sorted(statuses) == [200, 403, 403, 403]
    alice.user.refresh_from_db()
    assert alice.user.check_password(f"{NEW} {statuses.index(200)}")
