"""GET /tasks: pages and cursors, those made by hand too."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import orjson
import pytest
from chassis.testing import Persona, failure_of
from chassis.testing.acts import pages

from tests.acts import make_task

pytestmark = pytest.mark.django_db


def forged(*position: Any) -> str:
    """Return a cursor made by hand."""
    return base64.urlsafe_b64encode(orjson.dumps(list(position))).rstrip(b"=").decode()


@pytest.mark.parametrize("page_size", [1, 2, 3, 100])
def test_pages_are_as_large_as_asked_and_the_last_names_no_next(alice: Persona, page_size: int) -> None:
    alice.client.post("/tasks/bulk", [{"title": f"{number}"} for number in range(6)])

    walked = list(pages(alice.client, f"/tasks?ordering=created_at&page_size={page_size}"))

    assert [task["title"] for page in walked for task in page] == list("012345")
    assert all(len(page) == page_size for page in walked[:-1])
    assert 1 <= len(walked[-1]) <= page_size


def test_next_is_an_absolute_url_that_keeps_every_parameter(alice: Persona) -> None:
    alice.client.post("/tasks/bulk", [{"title": "milk & more", "labels": ["a b"]}] * 3)
    query = {"search": "milk", "label": "a b", "status": "pending", "ordering": "-title", "page_size": "2"}

    response = alice.client.get(f"/tasks?{urlencode(query)}")

    following = response.json()["meta"]["next"]
    assert following.startswith("http://testserver/tasks?")
    given = {name: values[0] for name, values in parse_qs(urlsplit(following).query).items()}
    assert given.pop("cursor")
    assert given == query
    assert response.headers["Link"] == f'<{following}>; rel="next"'
    assert alice.client.get(following).json()["meta"] == {"next": None, "next_cursor": None, "page_size": 2}


def test_a_cursor_is_good_for_its_own_order_only(alice: Persona) -> None:
    alice.client.post("/tasks/bulk", [{"title": "x"}] * 2)
    following = alice.client.get("/tasks?page_size=1&ordering=title").json()["meta"]["next"]

    response = alice.client.get(following.replace("ordering=title", "ordering=-title"))

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["cursor"]


def test_alices_cursor_shows_bob_only_his_own(alice: Persona, bob: Persona) -> None:
    make_task(bob, "bob's")
    alice.client.post("/tasks/bulk", [{"title": "alice's"}] * 3)
    following = alice.client.get("/tasks?page_size=1").json()["meta"]["next"]

    assert [task["title"] for task in bob.client.get(following).json()["data"]] == ["bob's"]


SOME_ID = str(uuid4())


@pytest.mark.parametrize(
    ("ordering", "cursor"),
    [
        ("priority", forged("priority", True, SOME_ID)),
        ("priority", forged("priority", 2**15, SOME_ID)),
        ("priority", forged("priority", -(2**60), SOME_ID)),
        ("priority", forged("priority", "low", SOME_ID)),
        ("priority", forged("priority", None, SOME_ID)),
        ("priority", forged("priority", 1.5, SOME_ID)),
        ("title", forged("title", "a\0b", SOME_ID)),
        ("title", forged("title", ["x"], SOME_ID)),
        ("created_at", forged("created_at", "yesterday", SOME_ID)),
        ("created_at", forged("created_at", "2030-01-01T00:00:00", SOME_ID)),
        ("created_at", forged("created_at", None, SOME_ID)),
        ("created_at", forged("created_at", 5, SOME_ID)),
        ("due_at", forged("due_at", "infinity", SOME_ID)),
        ("due_at", forged("due_at", False, SOME_ID)),
    ],
)
def test_a_forged_cursor_is_refused(alice: Persona, ordering: str, cursor: str) -> None:
    response = alice.client.get(f"/tasks?ordering={ordering}&cursor={cursor}")

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["cursor"]


@pytest.mark.parametrize(
    "timestamp",
    [
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59.999999-23:59",
        "2030-01-01T00:00:00+00:00:30.5",
        "2030-01-01T00:00:00+23:59:59",
        "2030-W01-1T00+00",
    ],
)
@pytest.mark.parametrize("ordering", ["created_at", "-due_at"])
def test_a_forged_timestamp_is_no_server_error(alice: Persona, ordering: str, timestamp: str) -> None:
    response = alice.client.get(f"/tasks?ordering={ordering}&cursor={forged(ordering, timestamp, SOME_ID)}")

    assert response.status_code in (200, 400)


def test_a_title_of_any_characters_can_end_a_page(alice: Persona) -> None:
    hostile = ["\x01" * 200, "\U0001f600" * 200, '"\\' * 100, "'; DROP TABLE tasks_task; --%s%%"]
    alice.client.post("/tasks/bulk", [{"title": title} for title in hostile])

    walked = [page[0]["title"] for page in pages(alice.client, "/tasks?ordering=title&page_size=1")]

    assert walked == sorted(hostile)


def test_a_task_without_a_due_date_can_end_a_page(alice: Persona) -> None:
    make_task(alice, "due", due_at="2030-01-01T00:00:00Z")
    for title in ("never 1", "never 2", "never 3"):
        make_task(alice, title)
    expected = ["due", "never 1", "never 2", "never 3"]

    for ordering, titles_in_order in (("due_at", expected), ("-due_at", expected[::-1])):
        walked = [page[0]["title"] for page in pages(alice.client, f"/tasks?ordering={ordering}&page_size=1")]
        assert walked == titles_in_order
