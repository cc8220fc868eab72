"""POST /tasks/bulk."""

from __future__ import annotations

from typing import Any

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tasks.models import Task

pytestmark = pytest.mark.django_db


def test_tasks_are_made_in_the_order_given(alice: Persona) -> None:
    response = alice.client.post("/tasks/bulk", [{"title": f"{number:03}"} for number in range(100)])

    assert response.status_code == 201
    assert response.headers["Location"] == "/tasks"
    assert response.json()["message"] == "Tasks created."
    titles = [f"{number:03}" for number in range(100)]
    assert [task["title"] for task in response.json()["data"]] == titles
    listed = alice.client.get("/tasks?page_size=100&ordering=created_at").json()["data"]
    assert listed == response.json()["data"]


def test_a_bulk_of_a_hundred_is_one_insert(alice: Persona) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        alice.client.post("/tasks/bulk", [{"title": "x", "labels": ["a"]}] * 100)

    assert [query["sql"].split()[0] for query in queries].count("INSERT") == 1
    assert Task.objects.owned_by(alice.id).count() == 100


def test_a_completed_task_in_a_bulk_has_its_time(alice: Persona) -> None:
    response = alice.client.post("/tasks/bulk", [{"title": "a", "status": "completed"}, {"title": "b"}])

    first, second = response.json()["data"]
    assert first["completed_at"] is not None
    assert second["completed_at"] is None


def test_server_owned_fields_in_a_bulk_are_never_obeyed(alice: Persona, bob: Persona) -> None:
    response = alice.client.post("/tasks/bulk", [{"title": "a", "user_id": str(bob.id), "version": 7}])

    (task,) = response.json()["data"]
    assert (task["user_id"], task["version"]) == (str(alice.id), 1)


def test_one_wrong_task_refuses_all_and_is_named_by_its_position(alice: Persona) -> None:
    tasks: list[dict[str, Any]] = [{"title": "x"} for _ in range(100)]
    tasks[99] = {"title": "", "status": "done", "labels": ["ok", ""]}

    response = alice.client.post("/tasks/bulk", tasks)

    assert failure_of(response) == (400, "validation_error")
    details = response.json()["error"]["details"]
    assert list(details) == ["99"]
    assert set(details["99"]) == {"title", "status", "labels"}
    assert all(isinstance(message, str) for messages in details["99"].values() for message in messages)
    assert not Task.objects.exists()


@pytest.mark.parametrize("item", [None, 1, "title", []])
def test_an_item_that_is_no_object_is_named_by_its_position(alice: Persona, item: Any) -> None:
    response = alice.client.post("/tasks/bulk", [{"title": "x"}, item])

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["1"]


@pytest.mark.parametrize("body", ["[]", "{}", "null", '{"title": "x"}', '"x"', "7"])
def test_a_bulk_is_a_list_of_at_least_one(alice: Persona, body: str) -> None:
    assert failure_of(alice.client.post("/tasks/bulk", body)) == (400, "validation_error")
    assert not Task.objects.exists()


def test_a_bulk_of_101_is_refused(alice: Persona) -> None:
    response = alice.client.post("/tasks/bulk", [{"title": "x"}] * 101)

    assert failure_of(response) == (400, "validation_error")
    assert "100" in str(response.json()["error"]["details"])
    assert not Task.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_a_bulk_only_creates(alice: Persona, method: str) -> None:
    assert failure_of(getattr(alice.client, method)("/tasks/bulk")) == (405, "method_not_allowed")


def test_anonymous_cannot_create_tasks(anonymous: JSONClient) -> None:
    assert failure_of(anonymous.post("/tasks/bulk", [{"title": "x"}])) == (401, "not_authenticated")
