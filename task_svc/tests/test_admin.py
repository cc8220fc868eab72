"""The admin of task_svc."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chassis.testing import Persona
from chassis.testing.admin import form_on
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from tasks.models import Task
from uuid_utils.compat import uuid7

from tests.acts import make_task

pytestmark = pytest.mark.django_db

TASKS = "/tasks/admin/tasks/task/"


@pytest.fixture
def admin(browser: Client) -> Client:
    """A superuser, signed in to the admin."""
    return browser


def listed(admin: Client, query: str = "") -> list[str]:
    response = admin.get(f"{TASKS}?{query}")
    assert response.status_code == 200
    return [task.title for task in response.context["cl"].result_list]


def form_of(admin: Client, task: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return form_on(admin, f"{TASKS}{task['id']}/change/", **changes)


def test_the_tasks_of_all_owners_are_listed_newest_first(admin: Client, alice: Persona, bob: Persona) -> None:
    make_task(alice, "hers")
    make_task(bob, "his")

    assert listed(admin) == ["his", "hers"]


def test_tasks_are_found_by_word_id_and_account(admin: Client, alice: Persona, bob: Persona) -> None:
    task = make_task(alice, "buy milk", description="organic")
    make_task(bob, "other")

    for search in ("milk", "ORGANIC", task["id"], alice.id):
        assert listed(admin, f"q={search}") == ["buy milk"]
    assert listed(admin, f"user_id__exact={bob.id}") == ["other"]


@pytest.mark.parametrize(
    ("due", "titles"), [("overdue", ["overdue"]), ("day", ["soon"]), ("week", ["soon", "later"]), ("", None)]
)
def test_unfinished_tasks_are_kept_by_when_they_are_due(
    admin: Client, alice: Persona, due: str, titles: list[str] | None
) -> None:
    for title, hours in (("later", 48), ("soon", 5), ("overdue", -5), ("far", 1000)):
        make_task(alice, title, due_at=(datetime.now(UTC) + timedelta(hours=hours)).isoformat())
    make_task(alice, "done", status="completed", due_at=datetime.now(UTC).isoformat())
    make_task(alice, "never")

    assert listed(admin, f"due={due}" if due else "") == (
        titles or ["never", "done", "far", "overdue", "soon", "later"]
    )


def test_a_change_follows_the_rules_of_the_api(admin: Client, alice: Persona) -> None:
    task = make_task(alice, "old", labels=["a"])

    form = form_of(admin, task, title="new", status="completed", labels="b\r\n\r\n a \r\nb")
    response = admin.post(f"{TASKS}{task['id']}/change/", form)

    assert response.status_code == 302, response.context["errors"]
    row = Task.objects.get()
    assert (row.title, row.labels, row.version) == ("new", ["b", "a"], 2)
    assert row.completed_at is not None
    assert row.user_id == alice.id


def test_saving_without_a_change_keeps_the_version(admin: Client, alice: Persona) -> None:
    task = make_task(alice, "old", labels=["a", "b"])

    assert admin.get(f"{TASKS}{task['id']}/change/").context["adminform"].form["labels"].value() == "a\nb"
    assert admin.post(f"{TASKS}{task['id']}/change/", form_of(admin, task)).status_code == 302
    assert Task.objects.get().version == 1


def test_a_form_opened_before_another_change_is_refused(admin: Client, alice: Persona) -> None:
    task = make_task(alice, "old")
    form = form_of(admin, task, title="by staff")
    alice.client.patch(f"/tasks/{task['id']}", {"title": "by alice"})

    response = admin.post(f"{TASKS}{task['id']}/change/", form)

    assert response.status_code == 200
    assert "has changed since" in str(response.context["errors"])
    assert Task.objects.get().title == "by alice"


def test_tasks_are_completed_and_reopened_together(admin: Client, alice: Persona) -> None:
    ids = [make_task(alice, status=status)["id"] for status in ("pending", "in_progress", "completed")]

    admin.post(TASKS, {"action": "complete", "_selected_action": ids})
    assert [(task.status, task.version) for task in Task.objects.order_by("pk")] == [
        ("completed", 2),
        ("completed", 2),
        ("completed", 1),
    ]

    admin.post(TASKS, {"action": "reopen", "_selected_action": ids[:1]})
    reopened = Task.objects.get(pk=ids[0])
    assert (reopened.status, reopened.completed_at, reopened.version) == ("pending", None, 3)
    logged = LogEntry.objects.order_by("pk").values_list("object_id", "change_message")
    assert sorted(logged[:2]) == sorted((pk, "Set the status to completed.") for pk in ids[:2])
    assert list(logged[2:]) == [(ids[0], "Set the status to pending.")]


def test_tasks_are_made_through_the_api_only(admin: Client) -> None:
    assert admin.get(f"{TASKS}add/").status_code == 403


def test_what_a_remembered_reply_said_is_not_shown(admin: Client, alice: Persona) -> None:
    alice.client.post("/tasks", {"title": "a secret"}, headers={"Idempotency-Key": "k"})

    page = admin.get("/tasks/admin/tasks/idempotencykey/").content.decode()

    assert str(alice.id) in page
    assert "a secret" not in page


@pytest.mark.parametrize(
    "query",
    ["", "status__exact=pending", "due=week", "q=task", "created_at__gte={year}-01-01 00:00:00%2B00:00"],
)
def test_a_list_asks_as_much_for_many_tasks_as_for_few(
    admin: Client, alice: Persona, query: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    soon = datetime.now(UTC) + timedelta(days=1)
    one, *others = (Task(user_id=alice.id, title="a task", due_at=soon) for _ in range(41))
    query = query.format(year=one.created_at.year)
    one.save()
    with django_assert_max_num_queries(20) as few:
        assert listed(admin, query) == ["a task"]
    Task.objects.bulk_create(others)

    with django_assert_max_num_queries(len(few)):
        assert listed(admin, query) == ["a task"] * 41


def test_no_list_counts_all_tasks(admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_max_num_queries(20) as asked:
        listed(admin)

    counts = [query["sql"] for query in asked.captured_queries if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 10001" in sql for sql in counts)


def test_a_search_is_answered_by_the_index_of_words(admin: Client) -> None:
    Task.objects.bulk_create(Task(user_id=uuid7(), title=f"task {number}") for number in range(1000))
    plans: list[str] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if "ORDER BY" in sql and "@@" in sql:
            cursor = context["cursor"].cursor
            plans.append(str(cursor.execute(f"EXPLAIN {sql}", params).fetchall()))
        return execute(sql, params, many, context)

    with connection.cursor() as cursor, connection.execute_wrapper(explain):
        cursor.execute("ANALYZE tasks_task")
        assert listed(admin, "q=nowhere") == []

    assert plans
    assert all("Bitmap Index Scan on task_document" in plan for plan in plans), plans
