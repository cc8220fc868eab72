"""If-Match on every write of a task: who has seen an older version is refused and told the current one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from chassis.testing.acts import at_once
from tasks.models import Task

from tests.acts import make_task

Write = Callable[..., Any]


@pytest.fixture(params=["PUT /tasks", "PATCH /tasks", "DELETE /tasks", "PATCH /tasks/tasks", "DELETE /tasks/tasks"])
def write(request: pytest.FixtureRequest) -> Write:
    """Write to a task if its tag matches, in each way there is."""
    method, prefix = request.param.split()

    def act(client: JSONClient, task: dict[str, Any], if_match: str) -> Any:
        body = {} if method == "DELETE" else {"title": "new"}
        return getattr(client, method.lower())(f"{prefix}/{task['id']}", body, headers={"If-Match": if_match})

    return act


@pytest.mark.django_db
def test_who_has_seen_this_version_may_write(alice: Persona, write: Write) -> None:
    task = make_task(alice)

    assert write(alice.client, task, '"1"').status_code in (200, 204)
    assert not Task.objects.filter(title=task["title"]).exists()


@pytest.mark.django_db
def test_who_has_not_is_refused_and_told_the_current_tag(alice: Persona, write: Write) -> None:
    task = make_task(alice)

    response = write(alice.client, task, '"2"')

    assert failure_of(response) == (412, "precondition_failed")
    assert response.headers["ETag"] == '"1"'
    assert response.json()["error"]["details"] == {"etag": ['"1"']}
    assert Task.objects.get().title == task["title"]


@pytest.mark.django_db
def test_a_star_does_not_make_a_task_exist(alice: Persona, bob: Persona, write: Write) -> None:
    task = make_task(alice)

    assert failure_of(write(bob.client, task, "*")) == (404, "not_found")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("prefix", ["/tasks", "/tasks/tasks"])
def test_of_many_writers_with_one_tag_exactly_one_wins(alice: Persona, prefix: str) -> None:
    task = make_task(alice)

    def write(number: int) -> Any:
        client = JSONClient(alice.token)
        return client.put(f"{prefix}/{task['id']}", {"title": f"{number}"}, headers={"If-Match": '"1"'})

    replies = at_once(8, write)

    won = [number for number, reply in enumerate(replies) if reply.status_code == 200]
    assert len(won) == 1
    row = Task.objects.get()
    assert (row.title, row.version) == (str(won[0]), 2)
    for number, reply in enumerate(replies):
        assert reply.headers["ETag"] == '"2"'
        if number not in won:
            assert failure_of(reply) == (412, "precondition_failed")


@pytest.mark.django_db(transaction=True)
def test_writers_of_different_fields_without_a_tag_lose_nothing(alice: Persona) -> None:
    task = make_task(alice)
    changes: list[dict[str, Any]] = [
        {"title": "new"},
        {"description": "new"},
        {"priority": "high"},
        {"labels": ["new"]},
        {"status": "completed"},
        {"due_at": "2030-01-01T00:00:00.000000Z"},
    ]

    at_once(len(changes), lambda number: JSONClient(alice.token).patch(f"/tasks/{task['id']}", changes[number]))

    changed = alice.client.get(f"/tasks/{task['id']}").json()["data"]
    for change in changes:
        assert changed | change == changed
    assert changed["version"] == 7
