from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests
import responses
from chassis.testing import AuthStub, JSONClient, Persona, failure_of
from chassis.testing.acts import at_once, prepared, waiting_for
from django.conf import settings
from django.db import connection

from tests.models import Note


def test_a_client_sends_json_with_its_token(alice: Persona, auth_service: AuthStub) -> None:
    assert alice.client.get("/me").json()["data"]["email"] == "alice@example.com"
    assert auth_service.calls == 1


def test_anything_may_be_sent_as_json() -> None:
    client = JSONClient()

    assert client.post("/echo").json()["data"] == {}
    assert client.post("/echo", [1, {"a": None}]).json()["data"] == [1, {"a": None}]
    assert client.post("/echo", b"5").json()["data"] == 5


def test_put_and_patch_send_json_too(alice: Persona) -> None:
    path = "/notes/0190b6a0-0000-7000-8000-000000000000"

    assert failure_of(alice.client.put(path, {"a": 1})) == (404, "not_found")
    assert failure_of(alice.client.patch(path, {"a": 1})) == (405, "method_not_allowed")


def test_a_token_nobody_has_is_refused(auth_service: AuthStub) -> None:
    assert failure_of(JSONClient("stolen").get("/me")) == (401, "token_invalid")
    assert auth_service.calls == 1


@pytest.mark.django_db
def test_a_page_s_statement_can_be_explained_as_postgresql_prepares_it(anonymous: JSONClient) -> None:
    for rank in range(2):
        Note.objects.create(title="a", rank=rank, created_at=datetime.now(UTC))
    _, first = prepared(anonymous, "/notes?page_size=1")

    statement, second = prepared(anonymous, first.json()["meta"]["next"])

    assert [note["rank"] for note in second.json()["data"]] == [0]
    assert "$2" in statement
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (GENERIC_PLAN) {statement}")
        assert cursor.fetchone()[0].startswith("Limit")


@pytest.mark.django_db(transaction=True)
def test_acts_at_once_have_connections_of_their_own() -> None:
    def session(number: int) -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            return number, cursor.fetchone()[0]

    sessions = at_once(3, session)

    assert [number for number, _ in sessions] == [0, 1, 2]
    assert len({pid for _, pid in sessions}) == 3


@pytest.mark.django_db(transaction=True)
def test_an_act_that_waits_for_a_write_sees_it() -> None:
    note = Note.objects.create(title="before", rank=1, created_at=datetime.now(UTC))

    changed = waiting_for(
        lambda: Note.objects.update(title="after"),
        lambda: Note.objects.filter(pk=note.pk).update(rank=2),
    )

    assert changed == 1
    note.refresh_from_db()
    assert (note.title, note.rank) == ("after", 2)


def test_nobody_has_no_token(anonymous: JSONClient) -> None:
    assert failure_of(anonymous.get("/me")) == (401, "not_authenticated")


@pytest.mark.usefixtures("wire")
def test_a_call_that_no_test_announced_is_a_connection_error() -> None:
    with pytest.raises(requests.ConnectionError):
        requests.get("http://task-svc.test/tasks", timeout=1)


def test_staff_are_said_to_be_staff(staff: Persona, bob: Persona, wire: responses.RequestsMock) -> None:
    url = f"{settings.AUTH_SERVICE_URL}/auth/validate-token"
    for persona in (staff, bob):
        answer = requests.post(url, json={"token": persona.token}, timeout=1).json()
        assert answer["data"]["is_staff"] is persona.is_staff
    assert len(wire.calls) == 2
