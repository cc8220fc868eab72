"""PUT and DELETE /tasks, with the task named in the body or in the query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from tasks.models import Task

from tests.acts import make_task

pytestmark = pytest.mark.django_db

Act = Callable[..., Any]


@pytest.fixture(params=["put", "delete"])
def act(request: pytest.FixtureRequest) -> Act:
    """Change or delete; how the task is named is the same for both."""

    def send(client: JSONClient, query: str = "", body: Any = None, **headers: str) -> Any:
        body = {"title": "new"} | (body or {}) if body is None or isinstance(body, dict) else body
        return getattr(client, request.param)(f"/tasks{query}", body, headers=headers)

    return send


def test_a_task_named_in_the_body_is_changed(alice: Persona) -> None:
    task, other = make_task(alice), make_task(alice)

    response = alice.client.put("/tasks", {"id": task["id"], "title": "new"})

    assert response.status_code == 200
    assert response.headers["ETag"] == '"2"'
    assert response.json()["message"] == "Task changed."
    assert response.json()["data"]["title"] == "new"
    assert Task.objects.get(pk=other["id"]).title == other["title"]


def test_a_task_named_in_the_query_is_changed(alice: Persona) -> None:
    task = make_task(alice)

    assert alice.client.put(f"/tasks?id={task['id']}", {"title": "new"}).status_code == 200
    assert Task.objects.get().title == "new"


def test_an_id_alone_changes_nothing(alice: Persona) -> None:
    task = make_task(alice)

    response = alice.client.put("/tasks", {"id": task["id"]})

    assert response.json()["data"] == task


def test_a_task_named_in_the_body_is_deleted(alice: Persona) -> None:
    task, other = make_task(alice), make_task(alice)

    response = alice.client.delete("/tasks", {"id": task["id"]})

    assert response.status_code == 200
    assert response.json() == {"success": True, "message": "Task deleted.", "data": None, "error": None}
    assert [str(row.pk) for row in Task.objects.all()] == [other["id"]]


def test_a_task_named_in_the_query_is_deleted(alice: Persona) -> None:
    task = make_task(alice)

    assert alice.client.delete(f"/tasks?id={task['id']}").status_code == 200
    assert not Task.objects.exists()


def test_body_and_query_may_both_name_it(alice: Persona, act: Act) -> None:
    task = make_task(alice)

    assert act(alice.client, f"?id={task['id']}", {"id": task["id"]}).status_code == 200


def test_one_id_written_in_two_ways_is_one_id(alice: Persona, act: Act) -> None:
    task = make_task(alice)

    assert act(alice.client, f"?id={task['id'].upper()}", {"id": task["id"]}).status_code == 200


def test_two_ids_that_differ_are_refused(alice: Persona, act: Act) -> None:
    first, second = make_task(alice), make_task(alice)

    response = act(alice.client, f"?id={first['id']}", {"id": second["id"]})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["id"]
    assert Task.objects.filter(title="Buy milk").count() == 2


def test_two_ids_in_the_query_that_differ_are_refused(alice: Persona, act: Act) -> None:
    first, second = make_task(alice), make_task(alice)

    response = act(alice.client, f"?id={first['id']}&id={second['id']}")

    assert failure_of(response) == (400, "validation_error")
    assert Task.objects.filter(title="Buy milk").count() == 2


@pytest.mark.parametrize("body", [{}, "[]", "null", '"text"'], ids=str)
def test_no_id_is_refused(alice: Persona, act: Act, body: Any) -> None:
    response = act(alice.client, "", body)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["id"]


@pytest.mark.parametrize("value", [None, "", "1", 1, True, ["x"], {"x": 1}, "x" * 36, "\0"], ids=repr)
def test_what_is_no_id_is_refused(alice: Persona, act: Act, value: Any) -> None:
    response = act(alice.client, "", {"id": value})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["id"]


@pytest.mark.parametrize("query", ["?id=", "?id=1", "?id=%00"])
def test_what_is_no_id_in_the_query_is_refused(alice: Persona, act: Act, query: str) -> None:
    assert failure_of(act(alice.client, query)) == (400, "validation_error")


def test_bob_cannot_reach_alices_task(alice: Persona, bob: Persona, act: Act) -> None:
    task = make_task(alice)

    assert failure_of(act(bob.client, "", {"id": task["id"]})) == (404, "not_found")
    assert failure_of(act(bob.client, f"?id={task['id']}")) == (404, "not_found")
    assert Task.objects.get().title == task["title"]


def test_an_unknown_task_is_not_found(alice: Persona, act: Act) -> None:
    assert failure_of(act(alice.client, "", {"id": str(uuid4())})) == (404, "not_found")


def test_if_match_is_honoured(alice: Persona, act: Act) -> None:
    task = make_task(alice)

    response = act(alice.client, "", {"id": task["id"]}, **{"If-Match": '"2"'})

    assert failure_of(response) == (412, "precondition_failed")
    assert Task.objects.get().title == task["title"]


def test_anonymous_reaches_nothing(alice: Persona, anonymous: JSONClient, act: Act) -> None:
    task = make_task(alice)

    assert failure_of(act(anonymous, "", {"id": task["id"]})) == (401, "not_authenticated")
