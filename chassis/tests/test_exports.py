"""An account's own rows as JSON Lines: one export at a time, however it ends."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Any

import pytest
from chassis.db import rows
from chassis.pages import api_document
from chassis.testing import Persona, failure_of
from chassis.testing.acts import at_once
from django.db import connection
from prometheus_client import REGISTRY

from chassis import exports
from tests.models import Note

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/notes/export"
TITLES = ["one", "two", "three", "four\n", "fünf"]


@pytest.fixture(autouse=True)
def _notes(alice: Persona, bob: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give alice and bob notes, of which a stream reads two at a time."""
    monkeypatch.setattr(rows, "STREAMED", 2)
    moments = [datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in range(len(TITLES))]
    notes = zip(TITLES, moments, strict=True)
    Note.objects.bulk_create(Note(owner=alice.id, title=title, created_at=moment) for title, moment in notes)
    Note.objects.create(owner=bob.id, title="bob's", created_at=moments[0])


def lines_of(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    return [json.loads(line) for line in response.getvalue().splitlines()]


def elsewhere(persona: Persona, status: int = 200) -> Any:
    """Ask for an export, and read it, over another connection to the database; return the answer."""

    def ask(_: int) -> Any:
        response = persona.client.get(URL)
        assert response.status_code == status
        # An answer that streams has its content once.
        response.lines = response.getvalue().splitlines()
        return response

    return at_once(1, ask)[0]


def test_an_export_is_the_callers_own_rows_one_a_line_part_by_part(alice: Persona) -> None:
    response = alice.client.get(URL)

    assert response.headers["Content-Type"] == "application/x-ndjson"
    assert response.headers["Cache-Control"] == "no-store"
    lines = lines_of(response)
    assert [(line["type"], line["title"]) for line in lines] == [
        *(("note", title) for title in TITLES),
        *(("again", title) for title in TITLES),
    ]
    assert lines[0]["created_at"] == "2026-01-01T00:00:00.000000Z"


def test_an_export_of_nothing_is_empty(staff: Persona) -> None:
    assert lines_of(staff.client.get(URL)) == []


def test_a_second_export_at_once_is_refused_and_other_accounts_go_on(alice: Persona, bob: Persona) -> None:
    before = REGISTRY.get_sample_value("rate_limit_refusals_total", {"limit": "export"}) or 0
    first = alice.client.get(URL)

    second = elsewhere(alice, 429)

    assert failure_of(second) == (429, "throttled")
    assert second.headers["Retry-After"] == "5"
    assert REGISTRY.get_sample_value("rate_limit_refusals_total", {"limit": "export"}) == before + 1
    assert len(elsewhere(bob).lines) == 2
    assert len(lines_of(first)) == 10
    assert len(elsewhere(alice).lines) == 10


def test_an_export_whose_client_leaves_ends_at_once(alice: Persona) -> None:
    first = alice.client.get(URL)
    next(iter(first.streaming_content))

    first.close()

    assert not connection.in_atomic_block
    assert len(elsewhere(alice).lines) == 10


def test_exports_leave_threads_of_a_process_to_others(
    alice: Persona, bob: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "places", BoundedSemaphore(1))
    first = alice.client.get(URL)

    refused = elsewhere(bob, 503)

    assert failure_of(refused) == (503, "service_unavailable")
    assert refused.headers["Retry-After"] == "1"
    first.close()
    assert len(elsewhere(bob).lines) == 2


def test_nobody_in_particular_has_no_export(anonymous: Any) -> None:
    assert failure_of(anonymous.get(URL)) == (401, "not_authenticated")


def test_an_export_is_documented_as_lines_and_its_failures_as_json() -> None:
    responses = api_document()["paths"][URL]["get"]["responses"]

    (media,) = responses["200"]["content"].items()
    assert media[0] == "application/x-ndjson"
    assert media[1]["schema"] == {"type": "string"}
    assert media[1]["examples"]["AnExport"]["value"] == '{"type":"note","title":"one"}\n'
    assert list(responses["429"]["content"]) == ["application/json"]


def test_an_export_that_names_no_parts_is_a_fault() -> None:
    with pytest.raises(NotImplementedError):
        exports.ExportView().get_parts()
