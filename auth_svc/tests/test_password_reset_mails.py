"""Asking for a password reset, and the mail that follows."""

from __future__ import annotations

import traceback
from datetime import timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any
from uuid import uuid4

import pytest
from accounts.jobs import MailRefused, send_reset_token
from accounts.models import User
from chassis.environment import Rate
from chassis.testing import JSONClient, failure_of
from django.core.mail import EmailMessage
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona, deferred, limit
from tests.resets import confirm, token_in


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


def test_the_token_that_was_sent_stays_good_when_others_ask(alice: Persona, reset_token: str) -> None:
    for number in range(40):
        ask_from(number, "alice@example.com")

    assert confirm(reset_token).status_code == 200


def test_an_account_that_staff_makes_in_another_s_place_gets_its_mail_at_once(
    alice: Persona, service: JSONClient
) -> None:
    ask_from(1, "alice@example.com")
    new = service.post("/internal/accounts", {"email": "Alice@example.com"}).json()["id"]
    ask_from(2, "alice@example.com")

    assert mails_asked_for() == [str(alice.user.pk), new]


def test_an_account_that_is_deleted_and_made_anew_gets_no_more_mails(alice: Persona) -> None:
    ask_from(1, "alice@example.com")
    alice.user.delete()
    User.objects.create_user("alice@example.com", PASSWORD)
    ask_from(2, "alice@example.com")

    assert len(mails_asked_for()) == 1


def test_requests_before_there_was_an_account_cost_it_no_mail(alice: Persona) -> None:
    ask_from(1, "carol@example.com")
    carol = User.objects.create_user("carol@example.com", PASSWORD)
    ask_from(2, "carol@example.com")

    assert mails_asked_for() == [str(carol.pk)]


def test_asking_does_not_use_up_confirmations(alice: Persona, reset_token: str, settings: Settings) -> None:
    limit(settings, "reset", Rate(5, timedelta(hours=1)))
    for _ in range(6):
        status = JSONClient().post("/auth/password/reset", {"email": "bob@example.com"}).status_code
    assert status == 429

    assert confirm(reset_token).status_code == 200


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


def test_the_mail_says_when_an_unproved_account_was_made_and_how_to_start_afresh(
    alice: Persona, reset_token: str, mailoutbox: list[EmailMessage]
) -> None:
    made = f"{alice.user.created_at:%Y-%m-%d at %H:%M} UTC"
    assert f"The account was made on {made}" in str(mailoutbox[0].body)
    assert '"start_afresh": true' in str(mailoutbox[0].body)
    confirm(reset_token)

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
