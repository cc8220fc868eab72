"""Following a list from page to page, for any tasks, filter, order and page size, while others are created."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import pytest
from chassis.testing import Persona
from chassis.testing.acts import pages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tasks.models import Task

LATE = datetime.max.replace(tzinfo=UTC)
START = datetime(2030, 1, 1, tzinfo=UTC)
DAYS = [START + timedelta(days=day) for day in range(3)]
WORDS = ["milk", "Bread", "tea"]
LABELS = ["home", "work"]

tasks = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["a", "B", "b", "ä", "\U0001f600", "\uffee"]),
        "description": st.lists(st.sampled_from(WORDS), max_size=2).map(" ".join),
        "status": st.sampled_from(Task.Status.values),
        "priority": st.sampled_from(Task.Priority.values),
        "due_at": st.sampled_from([None, *DAYS]),
        "labels": st.lists(st.sampled_from(LABELS), unique=True),
        "created_at": st.sampled_from(DAYS),
        "updated_at": st.sampled_from(DAYS),
    }
)
values: dict[str, st.SearchStrategy[str]] = {
    "status": st.sampled_from(Task.Status.values),
    "priority": st.sampled_from([str(label) for label in Task.Priority.labels]),
    "label": st.sampled_from(LABELS),
    "search": st.sampled_from([word.lower() for word in WORDS]),
    "due_after": st.sampled_from([day.isoformat() for day in DAYS]),
    "due_before": st.sampled_from([day.isoformat() for day in DAYS]),
}
# Mostly few filters, so that enough is left to fill pages.
filters = st.lists(st.sampled_from(list(values)), max_size=2, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: values[name] for name in names})
)


def make(persona: Persona, rows: list[dict[str, Any]]) -> list[Task]:
    made = []
    for row in rows:
        completed_at = START if row["status"] == "completed" else None
        made.append(Task(user_id=persona.id, completed_at=completed_at, **row))
    stored: list[Task] = Task.objects.bulk_create(made)
    return stored


def matches(task: Task, given: dict[str, str]) -> bool:
    """Say in Python what the filters promise."""
    words = f"{task.title} {task.description}".lower().split()
    return all(
        (
            given.get("status", task.status) == task.status,
            given.get("priority", task.get_priority_display()) == task.get_priority_display(),
            "label" not in given or given["label"] in task.labels,
            "search" not in given or given["search"] in words,
            "due_after" not in given or (task.due_at or START) >= datetime.fromisoformat(given["due_after"]),
            "due_before" not in given or (task.due_at or LATE) < datetime.fromisoformat(given["due_before"]),
            task.due_at is not None or not {"due_after", "due_before"} & set(given),
        )
    )


def place(task: Task, name: str) -> Any:
    value = getattr(task, name)
    return (LATE if value is None else value), task.pk


@pytest.mark.django_db
@pytest.mark.parametrize("descending", [False, True], ids=["ascending", "descending"])
@pytest.mark.parametrize("name", ["created_at", "updated_at", "due_at", "priority", "title"])
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(tasks, min_size=4, max_size=12),
    newer=st.lists(tasks, max_size=3),
    query=filters,
    page_size=st.integers(1, 3),
)
def test_each_matching_task_comes_exactly_once_and_in_order(
    alice: Persona,
    bob: Persona,
    rows: list[dict[str, Any]],
    newer: list[dict[str, Any]],
    query: dict[str, str],
    name: str,
    descending: bool,
    page_size: int,
) -> None:
    Task.objects.all().delete()
    before = make(alice, rows)
    make(bob, rows)
    ordering = f"{'-' if descending else ''}{name}"
    url = f"/tasks?{urlencode({**query, 'ordering': ordering, 'page_size': page_size})}"

    walked: list[str] = []
    waiting = iter(newer)
    for page in pages(alice.client, url):
        walked += [task["id"] for task in page]
        make(alice, list(islice(waiting, 1)))

    expected = sorted((task for task in before if matches(task, query)), key=lambda task: place(task, name))
    expected_ids = [str(task.pk) for task in expected]
    if descending:
        expected_ids.reverse()
    there_from_the_start = {str(task.pk) for task in before}
    assert [task_id for task_id in walked if task_id in there_from_the_start] == expected_ids
    assert len(walked) == len(set(walked))
    shown = [
        place(task, name) for task in sorted(Task.objects.filter(pk__in=walked), key=lambda t: walked.index(str(t.pk)))
    ]
    assert shown == sorted(shown, reverse=descending)
