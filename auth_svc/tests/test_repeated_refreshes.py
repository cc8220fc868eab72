"""Repeating a refresh token: a client that lost the answer gets it again, a thief ends the session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from accounts.models import Session
from accounts.tokens import AccessToken, token_pair
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import waiting_for
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.acts import REFUSED, pass_by, refresh, tokens, validate
from tests.conftest import Persona

BROWSER = "Mozilla/5.0 (X11; Linux x86_64)"
SCRIPT = "python-requests/2.32"


def device(user_agent: str) -> JSONClient:
    """A client without a token, of some kind."""
    return JSONClient(headers={"User-Agent": user_agent})


def listed(persona: Persona) -> dict[str, Any]:
    """Return what the session list says of the persona's session."""
    (row,) = persona.client.get("/auth/sessions").json()["data"]
    found: dict[str, Any] = row
    return found


def test_a_client_that_lost_the_answer_gets_it_again(alice: Persona) -> None:
    assert tokens(refresh(alice.refresh_token)) == tokens(refresh(alice.refresh_token))
    alice.session.refresh_from_db()
    assert alice.session.rotation == 1


def test_the_pair_is_given_again_until_the_grace_is_over(alice: Persona) -> None:
    refresh(alice.refresh_token)
    pass_by(alice.session, 9)

    assert refresh(alice.refresh_token).status_code == 200


USES: dict[str, Callable[[str, str], Any]] = {
    "validated": lambda access, _: validate(access),
    "shown to auth_svc": lambda access, _: JSONClient(access).get("/auth/me"),
    "refreshed": lambda _, successor: refresh(successor),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_no_pair_is_given_again_once_a_token_of_it_has_been_used(
    alice: Persona, use: Callable[[str, str], Any]
) -> None:
    access, successor = tokens(refresh(alice.refresh_token))
    assert use(access, successor).status_code == 200

    assert failure_of(refresh(alice.refresh_token)) == REFUSED
    assert failure_of(refresh(successor)) == REFUSED
    assert failure_of(validate(access)) == REFUSED


def test_an_older_access_token_is_no_use_of_the_new_pair(alice: Persona) -> None:
    pair = tokens(refresh(alice.refresh_token))
    assert alice.is_signed_in()
    assert validate(alice.access_token).status_code == 200

    assert tokens(refresh(alice.refresh_token)) == pair


def test_the_first_use_of_a_rotation_is_noted_and_no_other(
    alice: Persona, service: JSONClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        validate(alice.access_token, service)
    with django_assert_num_queries(1):
        validate(alice.access_token, service)


def test_another_kind_of_client_gets_no_pair_again(alice: Persona) -> None:
    _, successor = tokens(refresh(alice.refresh_token, device(BROWSER)))

    assert failure_of(refresh(alice.refresh_token, device(SCRIPT))) == REFUSED
    assert failure_of(refresh(successor, device(BROWSER))) == REFUSED


def test_a_client_is_known_by_its_last_refresh_however_long_its_name(alice: Persona) -> None:
    for name in (BROWSER, BROWSER * 20):
        before = token_pair(Session.objects.get(pk=alice.session.pk))["refresh_token"]

        assert tokens(refresh(before, device(name))) == tokens(refresh(before, device(name)))


def test_the_owner_sees_that_a_refresh_was_repeated_and_by_which_client(alice: Persona) -> None:
    assert (listed(alice)["repeated"], listed(alice)["user_agent"]) == (False, "")
    refresh(alice.refresh_token, device(SCRIPT))
    assert listed(alice)["repeated"] is False

    refresh(alice.refresh_token, device(SCRIPT))

    assert (listed(alice)["repeated"], listed(alice)["user_agent"]) == (True, SCRIPT)


@pytest.mark.parametrize("age", [timedelta(seconds=5), timedelta(minutes=61), timedelta(hours=23)], ids=str)
def test_the_list_does_not_show_that_a_session_is_refreshed(alice: Persona, age: timedelta) -> None:
    """Else a thief who polls it knows when to repeat."""
    twin = Persona(alice.user)
    for session in (alice.session, twin.session):
        Session.objects.filter(pk=session.pk).update(created_at=timezone.now() - timedelta(days=3))
        pass_by(session, age.total_seconds())

    refresh(alice.refresh_token)

    # Signed in elsewhere, since alice's own token may have expired by then.
    rows = {row["id"]: row for row in Persona(alice.user).client.get("/auth/sessions").json()["data"]}
    refreshed, untouched = rows[str(alice.session.pk)], rows[str(twin.session.pk)]
    for field in ("rotated_at", "expires_at"):
        assert refreshed[field] == untouched[field]
        assert refreshed[field].endswith(":00:00.000000Z")


def test_the_list_shows_to_the_hour_how_long_a_session_has_not_been_refreshed(alice: Persona) -> None:
    Session.objects.filter(pk=alice.session.pk).update(
        created_at="2026-01-01T00:00Z", rotated_at="2026-01-02T03:04:05Z", expires_at="2126-02-01T03:04:05Z"
    )
    token = AccessToken.of(Persona(alice.user).session)

    rows = JSONClient(token).get("/auth/sessions").json()["data"]

    assert rows[1]["rotated_at"] == "2026-01-02T03:00:00.000000Z"
    assert rows[1]["expires_at"] < "2126"


def test_a_new_session_was_refreshed_when_it_was_made(alice: Persona) -> None:
    assert listed(alice)["rotated_at"] == listed(alice)["created_at"]


def test_a_thief_who_polls_the_list_and_repeats_follows_no_rotation_unnoticed(alice: Persona) -> None:
    """The thief has copies of alice's tokens, knows her browser, and repeats as soon as anything can be seen."""
    thief = JSONClient(alice.access_token, headers={"User-Agent": BROWSER})
    shown = thief.get("/auth/sessions").json()["data"]

    # alice's browser refreshes, and goes on with its new tokens.
    access, _ = tokens(refresh(alice.refresh_token, device(BROWSER)))
    assert validate(access).status_code == 200
    seen = thief.get("/auth/sessions").json()["data"]
    stolen = refresh(alice.refresh_token, thief)

    assert [without_client(row) for row in seen] == [without_client(row) for row in shown]
    assert failure_of(stolen) == REFUSED
    # alice notices: she is signed out, and the thief with her.
    assert failure_of(validate(access)) == REFUSED
    assert failure_of(thief.get("/auth/sessions")) == REFUSED


def without_client(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "user_agent"}


@pytest.mark.django_db(transaction=True)
def test_a_use_that_is_not_yet_committed_counts_for_a_repetition(alice: Persona) -> None:
    access, _ = tokens(refresh(alice.refresh_token))

    repeated = waiting_for(lambda: validate(access), lambda: refresh(alice.refresh_token))

    assert failure_of(repeated) == REFUSED
