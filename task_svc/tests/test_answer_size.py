"""What a service answers with is never larger than what the gateway buffers, whatever is stored or sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chassis.pagination import MAX_PAGE_BYTES
from chassis.testing import Persona, failure_of
from chassis.testing.acts import next_link
from django.conf import settings
from tasks.models import Task

pytestmark = pytest.mark.django_db

# What the gateway buffers beyond the rows of a page: the envelope, the headers, what the server adds to a bulk.
MARGIN = 64 * 1024
CHARACTERS = pytest.mark.parametrize("character", ["\x01", "\U0001f600", '"', "a"])


@CHARACTERS
@pytest.mark.parametrize("path", ["/tasks?page_size=100", "/tasks/tasks?page_size=100"])
def test_a_list_of_the_largest_tasks_comes_in_pages_that_fit(alice: Persona, path: str, character: str) -> None:
    largest = {"title": character * 200, "description": character * 10_000, "labels": [character * 50]}
    tasks = Task.objects.bulk_create(Task(user_id=alice.id, **largest) for _ in range(100))
    walked: list[str] = []
    following: str | None = path
    while following:
        response = alice.client.get(following)
        assert response.status_code == 200
        assert len(response.content) <= MAX_PAGE_BYTES + MARGIN
        body = response.json()
        walked += [task["id"] for task in (body if isinstance(body, list) else body["data"])]
        following = next_link(response)
        if isinstance(body, dict):
            assert body["meta"]["next"] == following

    assert sorted(walked) == sorted(str(task.pk) for task in tasks)


def bulk(character: str) -> bytes:
    """Return the largest body of a hundred tasks that is read, in the shortest JSON that gives this character."""
    written = json.dumps(character) if character < " " or character == '"' else f'"{character}"'
    size = len(written.encode()) - 2
    room = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 100 - len('{"title":"x","description":""},')
    task = f'{{"title":"x","description":"{written[1:-1] * min(room // size, 10_000)}"}}'
    return f"[{','.join([task] * 100)}]".encode()


@CHARACTERS
def test_the_answer_to_the_largest_bulk_fits(alice: Persona, character: str) -> None:
    body = bulk(character)
    assert len(body) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    response = alice.client.post("/tasks/bulk", body)

    assert response.status_code == 201
    assert len(response.content) <= len(body) + MARGIN


QUOTED: dict[str, Any] = {
    "a long word": "\x01" * 170_000,
    "a list of what Python escapes": ["\u200b" * 300_000],
    "numbers": [1] * 500_000,
}
WRONG: dict[str, Any] = {
    **{f"status is {name}": {"title": "x", "status": value} for name, value in QUOTED.items()},
    **{f"priority is {name}": {"title": "x", "priority": value} for name, value in QUOTED.items()},
    "empty labels": {"title": "x", "labels": [""] * 250_000},
    "labels that are no texts": {"title": "x", "labels": [[]] * 250_000},
}


@pytest.mark.parametrize("task", WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("path", ["/tasks", "/tasks/bulk"])
def test_a_refusal_of_a_large_body_is_small(alice: Persona, path: str, task: dict[str, Any]) -> None:
    body = json.dumps([task] if path == "/tasks/bulk" else task, ensure_ascii=False, separators=(",", ":")).encode()
    assert len(body) <= settings.DATA_UPLOAD_MAX_MEMORY_SIZE

    response = alice.client.post(path, body)

    assert failure_of(response) == (400, "validation_error")
    assert len(response.content) <= MARGIN


def test_a_refusal_of_a_hundred_tasks_that_are_wrong_throughout_fits(alice: Persona) -> None:
    long = "\x01" * 700
    task = {"title": "", "status": long, "priority": long, "due_at": "x", "labels": [""] * 20}

    response = alice.client.post("/tasks/bulk", [task] * 100)

    assert failure_of(response) == (400, "validation_error")
    assert len(response.content) <= MAX_PAGE_BYTES
