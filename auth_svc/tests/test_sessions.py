from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from accounts.models import Session
from chassis.testing import JSONClient, failure_of
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from tests.conftest import Persona


@pytest.fixture
def phone(alice: Persona) -> Session:
    """Another session of alice's."""
    session = Session.objects.open(alice.user, "phone")
    assert session is not None
    return session


def test_the_list_holds_the_live_sessions_newest_first(alice: Persona, bob: Persona, phone: Session) -> None:
    ended, expired = Session.objects.open(alice.user), Session.objects.open(alice.user)
    assert ended is not None
    assert expired is not None
    ended.revoke()
    Session.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    response = alice.client.get("/auth/sessions")

    assert response.status_code == 200
    rows = response.json()["data"]
    assert [(row["id"], row["user_agent"], row["is_current"]) for row in rows] == [
        (str(phone.pk), "phone", False),
        (str(alice.session.pk), "", True),
    ]
    assert set(rows[0]) == {"id", "user_agent", "created_at", "rotated_at", "expires_at", "repeated", "is_current"}


def test_one_session_is_ended(alice: Persona, phone: Session) -> None:
    response = alice.client.delete(f"/auth/sessions/{phone.pk}")

    assert response.status_code == 200
    phone.refresh_from_db()
    assert not phone.is_live
    assert alice.is_signed_in()


def test_the_current_session_can_be_ended(alice: Persona) -> None:
    alice.client.delete(f"/auth/sessions/{alice.session.pk}")

    assert not alice.is_signed_in()


def test_bob_cannot_end_alices_session(alice: Persona, bob: Persona) -> None:
    assert failure_of(bob.client.delete(f"/auth/sessions/{alice.session.pk}")) == (404, "not_found")
    assert alice.is_signed_in()


def test_staff_cannot_end_alices_session_either(alice: Persona, staff: Persona) -> None:
    assert failure_of(staff.client.delete(f"/auth/sessions/{alice.session.pk}")) == (404, "not_found")


def test_an_ended_session_is_not_found(alice: Persona, phone: Session) -> None:
    phone.revoke()

    assert failure_of(alice.client.delete(f"/auth/sessions/{phone.pk}")) == (404, "not_found")


@pytest.mark.parametrize("identifier", [str(uuid4()), "1", "not-a-uuid"])
def test_what_is_no_session_is_not_found(alice: Persona, identifier: str) -> None:
    assert failure_of(alice.client.delete(f"/auth/sessions/{identifier}")) == (404, "not_found")


def test_all_sessions_are_ended_at_once_this_one_too(alice: Persona, bob: Persona, phone: Session) -> None:
    response = alice.client.delete("/auth/sessions")

    assert response.status_code == 200
    assert not alice.user.sessions.live().exists()
    assert not alice.is_signed_in()
    assert bob.is_signed_in()


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("delete", ""), ("delete", f"/{uuid4()}")])
def test_sessions_need_a_token(anonymous: JSONClient, method: str, path: str) -> None:
    response = getattr(anonymous, method)(f"/auth/sessions{path}")

    assert failure_of(response) == (401, "not_authenticated")


def test_after_a_restore_all_sessions_end_however_long_it_takes(alice: Persona) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.slow() RETURNS trigger LANGUAGE plpgsql "
            "AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END'"
        )
        cursor.execute(
            "CREATE TRIGGER slow BEFORE UPDATE ON accounts_session FOR EACH ROW EXECUTE FUNCTION pg_temp.slow()"
        )
        cursor.execute("SET LOCAL statement_timeout = 100")

    call_command("end_sessions")

    assert not alice.is_signed_in()


def test_after_a_restore_no_token_of_anybody_is_good(alice: Persona, bob: Persona, anonymous: JSONClient) -> None:
    call_command("end_sessions")

    for persona in (alice, bob):
        assert not persona.is_signed_in()
        refused = anonymous.post("/auth/refresh", {"refresh_token": persona.refresh_token})
        assert failure_of(refused) == (401, "token_invalid")
