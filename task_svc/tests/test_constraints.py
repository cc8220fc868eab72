"""The database itself refuses rows that no task may be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from tasks.models import IdempotencyKey, Task

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)


def insert(**columns: Any) -> UUID:
    """Insert a task with raw SQL; what is not given is right."""
    row: dict[str, Any] = {
        "id": uuid4(),
        "user_id": uuid4(),
        "title": "title",
        "description": "",
        "status": "pending",
        "priority": 2,
        "labels": [],
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    } | columns
    names = ", ".join(row)
    values = ", ".join(["%s"] * len(row))
    with transaction.atomic(), connection.cursor() as cursor:
        sql = f"INSERT INTO tasks_task ({names}) VALUES ({values})"  # noqa: S608  # The names are this module's.
        cursor.execute(sql, list(row.values()))
    return UUID(str(row["id"]))


def test_a_right_row_is_accepted() -> None:
    assert str(Task.objects.get(pk=insert())) == "title"


@pytest.mark.parametrize(
    ("constraint", "columns"),
    [
        ("task_title_not_empty", {"title": ""}),
        ("task_status", {"status": "done"}),
        ("task_priority", {"priority": 0}),
        ("task_priority", {"priority": 5}),
        ("task_description_length", {"description": "x" * 10_001}),
        ("task_labels_count", {"labels": ["x"] * 21}),
        ("task_completed_at_follows_status", {"status": "completed"}),
        ("task_completed_at_follows_status", {"completed_at": NOW}),
        ("tasks_task_version_check", {"version": -1}),
    ],
)
def test_a_wrong_row_is_refused(constraint: str, columns: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        insert(**columns)


@pytest.mark.parametrize("columns", [{"title": "x" * 201}, {"labels": ["x" * 51]}], ids=["title", "label"])
def test_what_is_too_long_is_refused(columns: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="too long"):
        insert(**columns)


@pytest.mark.parametrize(
    "name", ["user_id", "title", "description", "status", "priority", "labels", "version", "created_at", "updated_at"]
)
def test_nothing_but_the_dates_may_be_missing(name: str) -> None:
    # Without an owner there is not even a document.
    with pytest.raises(DatabaseError, match="null" if name == "user_id" else name):
        insert(**{name: None})


def test_a_label_cannot_be_null() -> None:
    with pytest.raises(DatabaseError, match="null"):
        insert(labels=[None])


def test_an_id_belongs_to_one_task() -> None:
    task_id = insert()

    with pytest.raises(IntegrityError, match="tasks_task_pkey"):
        insert(id=task_id)


def test_an_account_has_a_key_once_and_another_account_may_have_it_too() -> None:
    account = uuid4()
    reply = {"key": "k", "fingerprint": b"", "status": 201, "headers": {}, "body": "null", "expires_at": NOW}
    assert str(IdempotencyKey.objects.create(user_id=account, **reply)) == "k"
    IdempotencyKey.objects.create(user_id=uuid4(), **reply)

    with pytest.raises(IntegrityError, match="idempotency_key_unique"), transaction.atomic():
        IdempotencyKey.objects.create(user_id=account, **reply)
