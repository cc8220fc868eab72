"""An account has at most MAX_SESSIONS live sessions; a login beyond that ends the oldest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from accounts.models import Session
from chassis.testing import JSONClient
from chassis.testing.acts import at_once
from django.utils import timezone
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona


@pytest.fixture(autouse=True)
def _three_sessions(settings: Settings) -> None:
    settings.MAX_SESSIONS = 3


def sign_in(persona: Persona) -> str:
    answer = JSONClient().post("/auth/login", {"email": persona.user.email, "password": PASSWORD})
    assert answer.status_code == 200
    return str(answer.json()["data"]["access_token"])


def is_good(token: str) -> bool:
    return bool(JSONClient(token).get("/auth/me").status_code == 200)


def test_a_login_beyond_the_limit_ends_the_oldest_session(alice: Persona, bob: Persona) -> None:
    second, third, fourth = (sign_in(alice) for _ in range(3))

    assert not alice.is_signed_in()
    assert [is_good(token) for token in (second, third, fourth)] == [True, True, True]
    assert bob.is_signed_in()


def test_ended_and_expired_sessions_do_not_count(alice: Persona) -> None:
    for _ in range(2):
        JSONClient(sign_in(alice)).post("/auth/logout")
    expired = Session.objects.open(alice.user)
    assert expired is not None
    Session.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    sign_in(alice)
    sign_in(alice)

    assert alice.is_signed_in()


def test_an_account_with_more_sessions_than_a_lowered_limit_loses_the_surplus(
    alice: Persona, settings: Settings
) -> None:
    sign_in(alice)
    sign_in(alice)
    settings.MAX_SESSIONS = 1

    assert is_good(sign_in(alice))
    assert alice.user.sessions.live().count() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_logins_do_not_exceed_the_limit(alice: Persona) -> None:
    at_once(8, lambda _: Session.objects.open(alice.user))

    assert alice.user.sessions.live().count() == 3
    newest = alice.user.sessions.order_by("-created_at", "-id").values_list("pk", flat=True)[:3]
    assert set(alice.user.sessions.live().values_list("pk", flat=True)) == set(newest)


def test_the_row_of_an_ended_session_is_kept_for_a_day(alice: Persona) -> None:
    alice.session.revoke()

    alice.session.refresh_from_db()
    assert timedelta(hours=23) < alice.session.expires_at - timezone.now() <= timedelta(days=1)
