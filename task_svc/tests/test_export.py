"""GET /tasks/export: all of the caller's tasks, as the list shows them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from chassis.testing.acts import pages

from tests.acts import make_task

pytestmark = pytest.mark.django_db(transaction=True)


def lines_of(client: JSONClient) -> list[dict[str, Any]]:
    response = client.get("/tasks/export")
    assert response.status_code == 200
    return [json.loads(line) for line in response.getvalue().splitlines()]


def test_an_export_is_every_field_of_every_task_as_the_list_shows_it(alice: Persona, bob: Persona) -> None:
    make_task(alice, "plain")
    make_task(alice, "due", due_at="2030-01-01T12:00:00+02:00", labels=["home", "a b"], priority="urgent")
    make_task(alice, "done", status="completed", description='Zeile\nfür "Zeile" \u2028')
    make_task(bob, "bob's")

    lines = lines_of(alice.client)

    (listed,) = pages(alice.client, "/tasks?ordering=created_at")
    assert lines == [{"type": "task", **task} for task in listed]
    assert [line["title"] for line in lines] == ["plain", "due", "done"]


def test_somebody_without_tasks_gets_an_empty_export(bob: Persona) -> None:
    assert lines_of(bob.client) == []


def test_an_export_needs_a_token(anonymous: JSONClient) -> None:
    assert failure_of(anonymous.get("/tasks/export")) == (401, "not_authenticated")
