"""POST /tasks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from tasks.models import Task

from tests.acts import make_task

pytestmark = pytest.mark.django_db

LONGEST_LABELS = [f"{number:02}".ljust(50, "x") for number in range(20)]


def test_a_title_is_enough_and_everything_else_has_a_default(alice: Persona) -> None:
    response = alice.client.post("/tasks", {"title": "Buy milk"})

    assert response.status_code == 201
    body = response.json()
    assert (body["success"], body["message"], body["error"]) == (True, "Task created.", None)
    task = body["data"]
    row = Task.objects.get()
    assert task == {
        "id": str(row.id),
        "user_id": str(alice.id),
        "title": "Buy milk",
        "description": "",
        "status": "pending",
        "priority": "normal",
        "due_at": None,
        "labels": [],
        "completed_at": None,
        "version": 1,
        "created_at": row.created_at.isoformat().replace("+00:00", "Z"),
        "updated_at": row.updated_at.isoformat().replace("+00:00", "Z"),
    }
    assert row.id.version == 7
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Location"] == f"/tasks/{row.id}"


def test_a_new_task_has_not_been_updated_since_it_was_created(alice: Persona) -> None:
    task = make_task(alice)

    assert task["updated_at"] == task["created_at"]


def test_everything_given_is_kept(alice: Persona) -> None:
    given: dict[str, Any] = {
        "title": "Buy milk",
        "description": "2% organic",
        "status": "in_progress",
        "priority": "urgent",
        "due_at": "2030-01-02T03:04:05.000006Z",
        "labels": ["home", "shop"],
    }

    task = make_task(alice, **given)

    assert {name: task[name] for name in given} == given
    assert alice.client.get(f"/tasks/{task['id']}").json()["data"] == task


def test_a_task_made_completed_has_its_time(alice: Persona) -> None:
    before = datetime.now(UTC)

    task = make_task(alice, status="completed")

    assert before <= datetime.fromisoformat(task["completed_at"]) <= datetime.now(UTC)


def test_server_owned_fields_are_never_obeyed(alice: Persona, bob: Persona) -> None:
    stolen: dict[str, Any] = {
        "id": str(uuid4()),
        "user_id": str(bob.id),
        "userId": str(bob.id),
        "version": 99,
        "completed_at": "2001-01-01T00:00:00Z",
        "created_at": "2001-01-01T00:00:00Z",
        "updated_at": "2001-01-01T00:00:00Z",
    }

    task = make_task(alice, **stolen)

    assert task["id"] != stolen["id"]
    assert task["user_id"] == str(alice.id)
    assert (task["version"], task["completed_at"]) == (1, None)
    assert not {task["created_at"], task["updated_at"]} & {"2001-01-01T00:00:00Z"}


def test_unknown_fields_are_ignored(alice: Persona) -> None:
    assert "colour" not in make_task(alice, colour="red")


def test_a_timestamp_with_an_offset_is_stored_in_utc(alice: Persona) -> None:
    assert make_task(alice, due_at="2030-01-01T00:30:00+01:00")["due_at"] == "2029-12-31T23:30:00.000000Z"


def test_labels_are_distinct_and_keep_their_order(alice: Persona) -> None:
    assert make_task(alice, labels=["b", "a", "b"])["labels"] == ["b", "a"]


@pytest.mark.parametrize("name", ["description", "due_at", "labels"])
def test_null_is_the_empty_value_of_an_optional_field(alice: Persona, name: str) -> None:
    empty = make_task(alice)

    cleared: dict[str, Any] = {name: None}

    assert make_task(alice, **cleared)[name] == empty[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", "é" * 200),
        ("title", "\U0001f600" * 200),
        ("description", "x" * 10_000),
        ("description", "\U0001f600" * 10_000),
        ("labels", LONGEST_LABELS),
        ("labels", ["it's", 'a "quoted" \\ label', "l:abel & !other | <-> *"]),
        ("due_at", "0001-01-01T00:00:00.000000Z"),
        ("due_at", "9999-12-31T23:59:59.999999Z"),
    ],
    ids=[
        "longest title",
        "longest title in bytes",
        "longest description",
        "longest description in bytes",
        "most labels",
        "labels in query syntax",
        "earliest timestamp",
        "latest timestamp",
    ],
)
def test_the_largest_values_are_accepted(alice: Persona, name: str, value: Any) -> None:
    task = make_task(alice, **{"title": "x", name: value})

    assert task[name] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", None),
        ("title", "x" * 201),
        ("title", ["x"]),
        ("title", {"x": 1}),
        ("title", True),
        ("title", "a\0b"),
        ("description", "x" * 10_001),
        ("description", {}),
        ("description", "\0"),
        ("status", "done"),
        ("status", None),
        ("status", ["pending"]),
        ("status", 1),
        ("priority", "medium"),
        ("priority", 2),
        ("priority", None),
        ("priority", {"low": 1}),
        ("due_at", "tomorrow"),
        ("due_at", 5),
        ("due_at", ""),
        ("due_at", "9999-12-31T23:59:59-14:00"),
        ("due_at", "0001-01-01T00:00:00+14:00"),
        ("due_at", "2030-02-30T00:00:00Z"),
        ("labels", "home"),
        ("labels", {"home": True}),
        ("labels", [""]),
        ("labels", [None]),
        ("labels", ["x" * 51]),
        ("labels", [["home"]]),
        ("labels", ["\0"]),
        ("labels", [*LONGEST_LABELS, "one more"]),
    ],
)
def test_a_wrong_value_is_named_and_nothing_is_stored(alice: Persona, name: str, value: Any) -> None:
    response = alice.client.post("/tasks", {"title": "Buy milk", name: value})

    assert failure_of(response) == (400, "validation_error")
    details = response.json()["error"]["details"]
    assert list(details) == [name]
    assert all(isinstance(message, str) for message in details[name])
    assert not Task.objects.exists()


def test_a_title_is_required(alice: Persona) -> None:
    response = alice.client.post("/tasks", {})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["title"]


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "1", "[{}]"])
def test_a_body_that_is_no_object_is_refused(alice: Persona, body: str) -> None:
    assert failure_of(alice.client.post("/tasks", body)) == (400, "validation_error")


@pytest.mark.parametrize("body", ["{", "{'title': 'x'}", '{"title": NaN}', '{"title": "\\ud800"}', b"\xff"])
def test_a_body_that_is_not_json_is_refused(alice: Persona, body: Any) -> None:
    assert failure_of(alice.client.post("/tasks", body)) == (400, "malformed_json")


@pytest.mark.parametrize("name", ["title", "status", "priority", "due_at", "labels", "colour"])
@pytest.mark.parametrize("depth", [300, 1000])
def test_a_deeply_nested_body_is_no_server_error(alice: Persona, name: str, depth: int) -> None:
    nested = "[" * depth + "]" * depth

    response = alice.client.post("/tasks", f'{{"title": "x", "{name}": {nested}}}', headers={"Idempotency-Key": "deep"})

    assert failure_of(response)[0] == 400


def test_another_content_type_is_refused(alice: Persona) -> None:
    response = alice.client.post("/tasks", "title=x", content_type="application/x-www-form-urlencoded")

    assert failure_of(response) == (415, "unsupported_media_type")


def test_a_body_over_one_mebibyte_is_refused(alice: Persona) -> None:
    assert failure_of(alice.client.post("/tasks", {"title": "x" * 1024 * 1024})) == (413, "payload_too_large")


def test_anonymous_cannot_create_a_task(anonymous: JSONClient) -> None:
    response = anonymous.post("/tasks", {"title": "x"})

    assert failure_of(response) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert not Task.objects.exists()


def test_ids_grow_with_time(alice: Persona) -> None:
    ids = [UUID(make_task(alice)["id"]) for _ in range(5)]

    assert ids == sorted(ids)


def test_a_due_date_may_have_passed(alice: Persona) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    assert datetime.fromisoformat(make_task(alice, due_at=yesterday)["due_at"]) == datetime.fromisoformat(yesterday)
