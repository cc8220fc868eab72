from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from accounts.jobs import send_reset_token
from accounts.models import Session, User
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import at_once
from django.contrib.auth.tokens import PasswordResetTokenGenerator, default_token_generator
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona
from tests.resets import NEW, confirm, token_in


def test_the_new_password_is_good_and_the_old_is_not(alice: Persona, reset_token: str) -> None:
    assert confirm(reset_token).status_code == 200

    alice.user.refresh_from_db()
    assert alice.user.check_password(NEW)
    assert not alice.user.check_password(PASSWORD)


def test_it_ends_every_session_of_the_account(alice: Persona, bob: Persona, reset_token: str) -> None:
    Session.objects.open(alice.user)

    confirm(reset_token)

    assert not alice.user.sessions.live().exists()
    assert failure_of(alice.client.get("/auth/me")) == (401, "token_invalid")
    assert bob.is_signed_in()


def test_a_provisioned_account_gets_its_first_password_this_way(
    anonymous: JSONClient, mailoutbox: list[EmailMessage]
) -> None:
    carol = User.objects.provision("carol@example.com")
    send_reset_token(account_id=str(carol.pk))

    confirm(token_in(mailoutbox[0]))

    credentials = {"email": "carol@example.com", "password": NEW}
    assert anonymous.post("/auth/login", credentials).status_code == 200


def is_refused(response: Any) -> bool:
    details = response.json()["error"]["details"]
    return failure_of(response) == (400, "validation_error") and list(details) == ["token"]


def test_a_token_is_good_once(reset_token: str) -> None:
    assert confirm(reset_token).status_code == 200
    assert is_refused(confirm(reset_token, "a third horse battery"))


@pytest.mark.django_db(transaction=True)
def test_of_four_who_use_it_at_once_one_succeeds(alice: Persona, reset_token: str) -> None:
    statuses = at_once(4, lambda index: confirm(reset_token, f"{NEW} {index}").status_code)

    assert sorted(statuses) == [200, 400, 400, 400]
    alice.user.refresh_from_db()
    assert alice.user.check_password(f"{NEW} {statuses.index(200)}")


class EarlierGenerator(PasswordResetTokenGenerator):
    """Makes tokens of some time ago."""

    def __init__(self, age: timedelta) -> None:
        super().__init__()
        self.age = age

    def _now(self) -> Any:
        return super()._now() - self.age


@pytest.mark.parametrize(("minutes", "status"), [(59, 200), (61, 400)])
def test_a_token_is_good_for_an_hour(alice: Persona, minutes: int, status: int) -> None:
    secret = EarlierGenerator(timedelta(minutes=minutes)).make_token(alice.user)
    uid = urlsafe_base64_encode(force_bytes(alice.user.pk))

    assert confirm(f"{uid}.{secret}").status_code == status


def test_a_password_change_makes_the_token_worthless(alice: Persona, reset_token: str) -> None:
    alice.user.change_password("changed meanwhile")

    assert is_refused(confirm(reset_token))


def test_an_inactive_account_is_not_reset(alice: Persona, reset_token: str) -> None:
    alice.user.deactivate()

    assert is_refused(confirm(reset_token))


def test_a_deleted_account_is_not_reset(alice: Persona, reset_token: str) -> None:
    alice.user.delete()

    assert is_refused(confirm(reset_token))


def test_alices_token_does_not_reset_bobs_password(alice: Persona, bob: Persona, reset_token: str) -> None:
    uid = urlsafe_base64_encode(force_bytes(bob.user.pk))

    assert is_refused(confirm(f"{uid}.{reset_token.partition('.')[2]}"))


def test_a_token_of_another_secret_is_refused(alice: Persona, settings: Settings) -> None:
    generator = PasswordResetTokenGenerator()
    generator.secret = "another secret"
    uid = urlsafe_base64_encode(force_bytes(alice.user.pk))

    assert is_refused(confirm(f"{uid}.{generator.make_token(alice.user)}"))


@pytest.mark.parametrize("token", ["x", ".", "a.b", "MQ.x", "ä.ö", "=.=", "%%%.1", "_w.x", "x" * 200, 5, "\u2003."])
def test_what_is_no_token_is_refused(db: None, token: Any) -> None:
    assert is_refused(confirm(token))


@pytest.mark.parametrize("token", [None, "", [], {}, True, "nul\0", "x" * 201], ids=repr)
def test_what_cannot_be_a_token_is_refused_by_name(db: None, token: Any) -> None:
    assert is_refused(confirm(token))


@pytest.mark.parametrize("new", ["short", "1234567890", " " * 12, "alice@example.com", None, 5], ids=repr)
def test_a_weak_new_password_is_refused_and_the_token_stays_good(alice: Persona, reset_token: str, new: Any) -> None:
    response = confirm(reset_token, new)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["new_password"]
    assert confirm(reset_token).status_code == 200


def test_the_token_is_that_of_the_account_s_secrets(alice: Persona, reset_token: str) -> None:
    assert default_token_generator.check_token(alice.user, reset_token.partition(".")[2])


def test_a_used_token_proves_that_the_address_is_the_owners(alice: Persona, reset_token: str) -> None:
    confirm(reset_token)

    alice.user.refresh_from_db()
    assert alice.user.owns_email


def test_who_resets_an_account_that_somebody_else_made_may_start_afresh(
    alice: Persona, reset_token: str, anonymous: JSONClient
) -> None:
    assert confirm(reset_token, start_afresh=True).status_code == 200

    alice.user.refresh_from_db()
    fresh = User.objects.get(email="alice@example.com")
    assert fresh.pk != alice.user.pk
    assert fresh.owns_email
    assert not alice.user.is_active
    assert not alice.user.has_usable_password()
    assert not alice.is_signed_in()
    login = anonymous.post("/auth/login", {"email": "alice@example.com", "password": NEW})
    assert login.status_code == 200
    assert is_refused(confirm(reset_token))


@pytest.mark.parametrize("afresh", [False, None], ids=["said", "left out"])
def test_by_default_a_reset_keeps_the_account(alice: Persona, reset_token: str, afresh: bool | None) -> None:
    more = {} if afresh is None else {"start_afresh": afresh}

    assert confirm(reset_token, **more).status_code == 200

    assert User.objects.get().pk == alice.user.pk


@pytest.mark.parametrize("proof", ["email_verified_at", "is_staff", "is_superuser"])
def test_an_account_whose_owner_is_known_is_not_started_afresh(alice: Persona, reset_token: str, proof: str) -> None:
    User.objects.filter(pk=alice.user.pk).update(**{proof: timezone.now() if proof.endswith("_at") else True})

    response = confirm(reset_token, start_afresh=True)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["start_afresh"]
    assert "has proved to own its address" in str(response.json()["error"]["details"])
    assert alice.is_signed_in()
    assert confirm(reset_token).status_code == 200


@pytest.mark.parametrize("value", [5, "perhaps", [], {}], ids=repr)
def test_what_is_no_boolean_is_refused_by_name(alice: Persona, reset_token: str, value: Any) -> None:
    response = confirm(reset_token, start_afresh=value)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["start_afresh"]
