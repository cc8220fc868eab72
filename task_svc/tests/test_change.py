"""PUT and PATCH /tasks/{id}, and PUT /tasks/tasks/{id}: what is absent stays, null clears."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from tasks.models import Task

from tests.acts import make_task

pytestmark = pytest.mark.django_db

Change = Callable[..., Any]


@pytest.fixture(params=["PUT /tasks", "PATCH /tasks", "PUT /tasks/tasks"])
def change(request: pytest.FixtureRequest) -> Change:
    """Change a task, in each way there is; every rule holds for all of them."""
    method, prefix = request.param.split()

    def act(client: JSONClient, task_id: Any, body: Any, **headers: str) -> Any:
        return getattr(client, method.lower())(f"{prefix}/{task_id}", body, headers=headers)

    return act


@pytest.fixture
def full(alice: Persona) -> Task:
    """A task of alice's in which every field has a value."""
    task = make_task(
        alice,
        title="title",
        description="description",
        status="completed",
        priority="high",
        due_at="2030-01-01T00:00:00Z",
        labels=["a", "b"],
    )
    row: Task = Task.objects.get(pk=task["id"])
    return row


def columns(task: Task) -> dict[str, Any]:
    values = dict(Task.objects.filter(pk=task.pk).values().get())
    # It follows the others, in the database.
    del values["document"]
    return values


@pytest.mark.parametrize(
    ("name", "value", "column", "stored"),
    [
        ("title", "new", "title", "new"),
        ("description", "new", "description", "new"),
        ("description", "", "description", ""),
        ("priority", "low", "priority", 1),
        ("labels", ["c"], "labels", ["c"]),
        ("labels", [], "labels", []),
        ("description", None, "description", ""),
        ("labels", None, "labels", []),
    ],
)
def test_only_the_field_given_changes(
    alice: Persona, full: Task, change: Change, name: str, value: Any, column: str, stored: Any
) -> None:
    before = columns(full)

    response = change(alice.client, full.pk, {name: value})

    assert response.status_code == 200
    after = columns(full)
    assert after.pop("updated_at") > before.pop("updated_at")
    assert after == before | {column: stored, "version": 2}
    assert response.headers["ETag"] == '"2"'
    body = response.json()
    assert body.get("data", body)["version"] == 2


def test_null_clears_the_due_date(alice: Persona, full: Task, change: Change) -> None:
    response = change(alice.client, full.pk, {"due_at": None, "dueAt": None})

    assert response.status_code == 200
    assert columns(full)["due_at"] is None


def test_an_empty_object_changes_nothing_nor_the_version(alice: Persona, full: Task, change: Change) -> None:
    before = columns(full)

    response = change(alice.client, full.pk, {})

    assert (response.status_code, response.headers["ETag"]) == (200, '"1"')
    assert columns(full) == before


def test_an_empty_body_changes_nothing(alice: Persona, full: Task, change: Change) -> None:
    before = columns(full)

    assert change(alice.client, full.pk, "").status_code == 200
    assert columns(full) == before


def test_the_same_values_again_change_nothing(alice: Persona, full: Task, change: Change) -> None:
    before = columns(full)
    shown = alice.client.get(f"/tasks/{full.pk}").json()["data"]

    response = change(alice.client, full.pk, shown | {"dueAt": shown["due_at"]})

    assert response.status_code == 200
    assert columns(full) == before


def test_server_owned_fields_are_never_obeyed(alice: Persona, bob: Persona, full: Task, change: Change) -> None:
    before = columns(full)
    long_ago = "2001-01-01T00:00:00Z"
    stolen = {
        "id": str(uuid4()),
        "version": 99,
        **dict.fromkeys(("user_id", "userId"), str(bob.id)),
        **dict.fromkeys(("completed_at", "completedAt", "created_at", "createdAt"), long_ago),
        **dict.fromkeys(("updated_at", "updatedAt"), long_ago),
    }

    assert change(alice.client, full.pk, stolen).status_code == 200
    assert columns(full) == before


def test_completed_at_follows_status(alice: Persona, change: Change) -> None:
    task = make_task(alice)
    before = datetime.now(UTC)

    change(alice.client, task["id"], {"status": "completed"})
    completed_at = Task.objects.get().completed_at
    assert completed_at is not None
    assert before <= completed_at <= datetime.now(UTC)

    change(alice.client, task["id"], {"title": "still completed"})
    assert Task.objects.get().completed_at == completed_at

    change(alice.client, task["id"], {"status": "in_progress"})
    assert Task.objects.get().completed_at is None
    assert Task.objects.get().version == 4


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", None),
        ("title", ""),
        ("title", "x" * 201),
        ("status", None),
        ("status", "done"),
        ("priority", None),
        ("priority", "medium"),
        ("labels", ["x" * 51]),
        ("description", "x" * 10_001),
    ],
)
def test_a_wrong_value_is_named_and_nothing_changes(
    alice: Persona, full: Task, change: Change, name: str, value: Any
) -> None:
    before = columns(full)

    response = change(alice.client, full.pk, {"description": "new", name: value})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == [name]
    assert columns(full) == before


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "[{}]"])
def test_a_body_that_is_no_object_is_refused(alice: Persona, full: Task, change: Change, body: str) -> None:
    assert failure_of(change(alice.client, full.pk, body)) == (400, "validation_error")


def test_bob_cannot_change_alices_task(alice: Persona, bob: Persona, full: Task, change: Change) -> None:
    before = columns(full)

    assert failure_of(change(bob.client, full.pk, {"title": "stolen"})) == (404, "not_found")
    assert columns(full) == before


def test_bob_learns_nothing_from_a_precondition(bob: Persona, full: Task, change: Change) -> None:
    response = change(bob.client, full.pk, {"title": "stolen"}, **{"If-Match": '"7"'})

    assert failure_of(response) == (404, "not_found")
    assert "ETag" not in response.headers


def test_anonymous_changes_nothing(anonymous: JSONClient, full: Task, change: Change) -> None:
    assert failure_of(change(anonymous, full.pk, {"title": "stolen"})) == (401, "not_authenticated")


def test_an_unknown_task_is_not_found(alice: Persona, change: Change) -> None:
    assert failure_of(change(alice.client, uuid4(), {"title": "new"})) == (404, "not_found")


def test_staff_cannot_change_alices_task_in_the_account_api(staff: Persona, full: Task) -> None:
    assert failure_of(staff.client.patch(f"/tasks/{full.pk}", {"title": "new"})) == (404, "not_found")


def test_a_patch_is_a_json_merge_patch_by_its_own_name_too(alice: Persona) -> None:
    address = f"/tasks/{make_task(alice, title='before')['id']}"
    media_type = "application/merge-patch+json"

    changed = alice.client.patch(address, {"title": "after", "description": None}, media_type)

    assert (changed.status_code, changed.json()["data"]["title"]) == (200, "after")
    # Nothing else is one (RFC 7396).
    for method, path in (("put", address), ("post", "/tasks")):
        refused = getattr(alice.client, method)(path, {"title": "after"}, media_type)
        assert failure_of(refused) == (415, "unsupported_media_type")
