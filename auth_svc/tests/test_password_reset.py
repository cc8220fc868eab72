from __future__ import annotations

import re
import traceback
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any
from uuid import uuid4

import pytest
from accounts.jobs import MailRefused, send_reset_token
from accounts.models import Session, User
from chassis.environment import Rate
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import at_once
from django.contrib.auth.tokens import PasswordResetTokenGenerator, default_token_generator
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona, deferred, limit

NEW = "another horse battery"


def confirm(token: Any, new: Any = NEW, **more: Any) -> Any:
    return JSONClient().post("/auth/password/reset/confirm", {"token": token, "new_password": new, **more})


def token_in(mail: EmailMessage) -> str:
    found = re.search(r"^Token: (\S+)$", str(mail.body), re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture
def token(alice: Persona, mailoutbox: list[EmailMessage]) -> str:
    """The token that alice is sent."""
    send_reset_token(account_id=str(alice.user.pk))
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
    known = {"alice@example.com": str(alice.user.pk), "bob@example.com": str(bob.user.pk)}
    assert deferred("send_reset_token") == [{"account_id": known.get(email)}]
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


def mails_asked_for() -> list[str]:
    """Return the accounts to which a mail will go."""
    return [str(job["account_id"]) for job in deferred("send_reset_token") if job["account_id"]]


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com", "bob@example.com"])
def test_asking_from_many_addresses_is_answered_alike_whether_or_not_a_mail_goes_out(
    alice: Persona, bob: Persona, email: str
) -> None:
    bob.user.deactivate()

    answers = [ask_from(number, spelling) for number, spelling in enumerate(20 * [email, email.upper()])]

    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert len(deferred("send_reset_token")) == 40
    assert len(mails_asked_for()) <= 1


def test_a_mailbox_gets_a_mail_in_two_minutes_and_three_in_an_hour(alice: Persona, settings: Settings) -> None:
    ask_from(1, "alice@example.com")
    assert len(mails_asked_for()) == 1

    limit(settings, "reset_pause", Rate(1000, timedelta(minutes=2)))
    for number in range(5):
        ask_from(number, "Alice@example.com")
    assert len(mails_asked_for()) == 3


def test_the_token_that_was_sent_stays_good_when_others_ask(alice: Persona, token: str) -> None:
    for number in range(40):
        ask_from(number, "alice@example.com")

    assert confirm(token).status_code == 200


def test_an_account_that_takes_another_s_place_gets_its_mail_at_once(alice: Persona) -> None:
    ask_from(1, "alice@example.com")
    new = User.objects.provision("alice@example.com")
    ask_from(2, "alice@example.com")

    assert mails_asked_for() == [str(alice.user.pk), str(new.pk)]


def test_asking_does_not_use_up_confirmations(alice: Persona, token: str, settings: Settings) -> None:
    limit(settings, "reset", Rate(5, timedelta(hours=1)))
    for _ in range(6):
        status = JSONClient().post("/auth/password/reset", {"email": "bob@example.com"}).status_code
    assert status == 429

    assert confirm(token).status_code == 200


def test_the_mail_goes_to_the_account_and_holds_the_token(alice: Persona, mailoutbox: list[EmailMessage]) -> None:
    JSONClient().post("/auth/password/reset", {"email": "ALICE@example.com"})
    (job,) = deferred("send_reset_token")
    send_reset_token(account_id=str(job["account_id"]))

    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]
    assert confirm(token_in(mailoutbox[0])).status_code == 200


def test_nobody_without_an_active_account_gets_mail(alice: Persona, mailoutbox: list[EmailMessage]) -> None:
    alice.user.deactivate()

    send_reset_token(account_id=str(alice.user.pk))
    send_reset_token(account_id=str(uuid4()))
    send_reset_token(account_id=None)

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
    carol = User.objects.provision("carol@example.com")
    send_reset_token(account_id=str(carol.pk))

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


@pytest.mark.parametrize("new", ["short", "1234567890", " " * 12, "alice@example.com", None, 5], ids=repr)
def test_a_weak_new_password_is_refused_and_the_token_stays_good(alice: Persona, token: str, new: Any) -> None:
    response = confirm(token, new)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["new_password"]
    assert confirm(token).status_code == 200


def test_the_token_is_that_of_the_account_s_secrets(alice: Persona, token: str) -> None:
    assert default_token_generator.check_token(alice.user, token.partition(".")[2])


def test_a_used_token_proves_that_the_address_is_the_owners(alice: Persona, token: str) -> None:
    confirm(token)

    alice.user.refresh_from_db()
    assert alice.user.owns_email


def test_who_resets_an_account_that_somebody_else_made_may_start_afresh(
    alice: Persona, token: str, anonymous: JSONClient
) -> None:
    assert confirm(token, start_afresh=True).status_code == 200

    alice.user.refresh_from_db()
    fresh = User.objects.get(email="alice@example.com")
    assert fresh.pk != alice.user.pk
    assert fresh.owns_email
    assert not alice.user.is_active
    assert not alice.user.has_usable_password()
    assert not alice.is_signed_in()
    login = anonymous.post("/auth/login", {"email": "alice@example.com", "password": NEW})
    assert login.status_code == 200
    assert is_refused(confirm(token))


@pytest.mark.parametrize("afresh", [False, None], ids=["said", "left out"])
def test_by_default_a_reset_keeps_the_account(alice: Persona, token: str, afresh: bool | None) -> None:
    more = {} if afresh is None else {"start_afresh": afresh}

    assert confirm(token, **more).status_code == 200

    assert User.objects.get().pk == alice.user.pk


@pytest.mark.parametrize("proof", ["email_verified_at", "is_staff", "is_superuser"])
def test_an_account_whose_owner_is_known_is_not_started_afresh(alice: Persona, token: str, proof: str) -> None:
    User.objects.filter(pk=alice.user.pk).update(**{proof: timezone.now() if proof.endswith("_at") else True})

    response = confirm(token, start_afresh=True)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["start_afresh"]
    assert "has proved to own its address" in str(response.json()["error"]["details"])
    assert alice.is_signed_in()
    assert confirm(token).status_code == 200


@pytest.mark.parametrize("value", [5, "perhaps", [], {}], ids=repr)
def test_what_is_no_boolean_is_refused_by_name(alice: Persona, token: str, value: Any) -> None:
    response = confirm(token, start_afresh=value)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["start_afresh"]


def test_the_mail_says_when_an_unproved_account_was_made_and_how_to_start_afresh(
    alice: Persona, token: str, mailoutbox: list[EmailMessage]
) -> None:
    made = f"{alice.user.created_at:%Y-%m-%d at %H:%M} UTC"
    assert f"The account was made on {made}" in str(mailoutbox[0].body)
    assert '"start_afresh": true' in str(mailoutbox[0].body)
    confirm(token)

    send_reset_token(account_id=str(alice.user.pk))

    assert "start_afresh" not in str(mailoutbox[1].body)


def test_what_a_mail_server_says_of_the_address_stays_out_of_the_log(
    alice: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise SMTPRecipientsRefused({"alice@example.com": (550, b"no such mailbox: alice@example.com")})

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)

    with pytest.raises(MailRefused) as caught:
        send_reset_token(account_id=str(alice.user.pk))

    assert "alice@example.com" not in "".join(traceback.format_exception(caught.value))
