from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from accounts.jobs import send_reset_token
from accounts.models import Session, User
from chassis.environment import Rate
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import at_once
from django.contrib.auth.tokens import PasswordResetTokenGenerator, default_token_generator
from django.core.mail import EmailMessage
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona, deferred, limit

NEW = "another horse battery"


def confirm(token: Any, new: Any = NEW) -> Any:
    return JSONClient().post("/auth/password/reset/confirm", {"token": token, "new_password": new})


def token_in(mail: EmailMessage) -> str:
    found = re.search(r"^Token: (\S+)$", str(mail.body), re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture
def token(alice: Persona, mailoutbox: list[EmailMessage]) -> str:
    """The token that alice is sent."""
    send_reset_token(email="alice@example.com")
    return token_in(mailoutbox[0])


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com", "bob@example.com"])
def test_known_and_unknown_addresses_get_one_answer_and_one_job(
    alice: Persona, bob: Persona, anonymous: JSONClient, email: str, mailoutbox: list[EmailMessage]
) -> None:
    bob.user.deactivate()

    response = anonymous.post("/auth/password/reset", {"email": email})

    assert response.status_code == 200
    assert response.json()["data"] is None
    assert "If there is an account" in response.json()["message"]
    assert deferred("send_reset_token") == [{"email": email}]
    assert mailoutbox == []


@pytest.mark.parametrize("email", ["", "alice", None, 5, [], {}, "nul\0@example.com", "\u0130@example.com"], ids=repr)
def test_what_is_no_address_is_refused_by_name(anonymous: JSONClient, email: Any) -> None:
    response = anonymous.post("/auth/password/reset", {"email": email})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["email"]
    assert deferred("send_reset_token") == []


def ask_from(number: int, email: str) -> Any:
    """Ask for a reset from an address that nobody else has."""
    return JSONClient(headers={"X-Forwarded-For": f"192.0.2.{number}"}).post("/auth/password/reset", {"email": email})


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com", "bob@example.com"])
def test_one_mailbox_is_not_flooded_from_many_addresses_whether_or_not_it_has_an_account(
    alice: Persona, bob: Persona, settings: Settings, email: str
) -> None:
    bob.user.deactivate()
    limit(settings, "reset", Rate(2, timedelta(hours=1)))

    responses = [ask_from(number, spelling) for number, spelling in enumerate([email, email.upper(), email.title()])]

    assert [response.status_code for response in responses] == [200, 200, 429]
    assert failure_of(responses[2]) == (429, "throttled")
    assert 3590 < int(responses[2]["Retry-After"]) <= 3600
    assert len(deferred("send_reset_token")) == 2
    assert ask_from(4, "carol@example.com").status_code == 200


def test_the_mail_goes_to_the_account_and_holds_the_token(alice: Persona, mailoutbox: list[EmailMessage]) -> None:
    send_reset_token(email="ALICE@example.com")

    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]
    assert confirm(token_in(mailoutbox[0])).status_code == 200


def test_nobody_without_an_active_account_gets_mail(alice: Persona, mailoutbox: list[EmailMessage]) -> None:
    alice.user.deactivate()

    send_reset_token(email="alice@example.com")
    send_reset_token(email="nobody@example.com")

    assert mailoutbox == []


def test_the_new_password_is_good_and_the_old_is_not(alice: Persona, token: str) -> None:
    assert confirm(token).status_code == 200

    alice.user.refresh_from_db()
    assert alice.user.check_password(NEW)
    assert not alice.user.check_password(PASSWORD)


def test_it_ends_every_session_of_the_account(alice: Persona, bob: Persona, token: str) -> None:
    Session.objects.open(alice.user)

    confirm(token)

    assert not alice.user.sessions.live().exists()
    assert failure_of(alice.client.get("/auth/me")) == (401, "token_invalid")
    assert bob.is_signed_in()


def test_a_provisioned_account_gets_its_first_password_this_way(
    anonymous: JSONClient, mailoutbox: list[EmailMessage]
) -> None:
    User.objects.provision("carol@example.com")
    send_reset_token(email="carol@example.com")

    confirm(token_in(mailoutbox[0]))

    credentials = {"email": "carol@example.com", "password": NEW}
    assert anonymous.post("/auth/login", credentials).status_code == 200


def is_refused(response: Any) -> bool:
    details = response.json()["error"]["details"]
    return failure_of(response) == (400, "validation_error") and list(details) == ["token"]


def test_a_token_is_good_once(token: str) -> None:
    assert confirm(token).status_code == 200
    assert is_refused(confirm(token, "a third horse battery"))


@pytest.mark.django_db(transaction=True)
def test_of_four_who_use_it_at_once_one_succeeds(alice: Persona, token: str) -> None:
    statuses = at_once(4, lambda index: confirm(token, f"{NEW} {index}").status_code)

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


def test_a_password_change_makes_the_token_worthless(alice: Persona, token: str) -> None:
    alice.user.change_password("changed meanwhile")

    assert is_refused(confirm(token))


def test_an_inactive_account_is_not_reset(alice: Persona, token: str) -> None:
    alice.user.deactivate()

    assert is_refused(confirm(token))


def test_a_deleted_account_is_not_reset(alice: Persona, token: str) -> None:
    alice.user.delete()

    assert is_refused(confirm(token))


def test_alices_token_does_not_reset_bobs_password(alice: Persona, bob: Persona, token: str) -> None:
    uid = urlsafe_base64_encode(force_bytes(bob.user.pk))

    assert is_refused(confirm(f"{uid}.{token.partition('.')[2]}"))


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


@pytest.mark.parametrize("new", ["short", "1234567890", "alice@example.com", None, 5], ids=repr)
def test_a_weak_new_password_is_refused_and_the_token_stays_good(alice: Persona, token: str, new: Any) -> None:
    response = confirm(token, new)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["new_password"]
    assert confirm(token).status_code == 200


def test_the_token_is_that_of_the_account_s_secrets(alice: Persona, token: str) -> None:
    assert default_token_generator.check_token(alice.user, token.partition(".")[2])
