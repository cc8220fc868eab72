"""GET /tasks: filters, orders and parameters."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from django.db import connection

from tests.acts import make_task

pytestmark = pytest.mark.django_db

DAYS = ["2030-01-01T00:00:00Z", "2030-01-02T00:00:00Z", "2030-01-03T00:00:00Z"]


def titles(persona: Persona, query: str = "") -> list[str]:
    response = persona.client.get(f"/tasks{query}")
    assert response.status_code == 200, response.content
    return [task["title"] for task in response.json()["data"]]


def test_alice_lists_her_own_tasks_newest_first(alice: Persona, bob: Persona) -> None:
    first, _, second = make_task(alice, "first"), make_task(bob, "other"), make_task(alice, "second")

    response = alice.client.get("/tasks")

    assert response.status_code == 200
    assert response.json() == {
        "success": True,
        "message": "OK",
        "data": [second, first],
        "error": None,
        "meta": {"next": None, "next_cursor": None, "page_size": 50},
    }
    assert "Link" not in response.headers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", ["", "?search=milk", "?ordering=wrong"])
def test_what_a_list_forbids_the_planner_it_forbids_to_no_later_statement(alice: Persona, query: str) -> None:
    alice.client.get(f"/tasks{query}")

    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings WHERE name LIKE 'enable\\_%' AND setting <> boot_val")
        assert cursor.fetchall() == []


def test_nobody_elses_tasks_are_listed_not_even_for_staff(alice: Persona, staff: Persona) -> None:
    make_task(alice)

    assert titles(staff) == []


def test_anonymous_lists_nothing(anonymous: JSONClient) -> None:
    assert failure_of(anonymous.get("/tasks")) == (401, "not_authenticated")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status": "pending"}, ["a", "d"]),
        ({"status": "completed"}, ["b"]),
        ({"priority": "urgent"}, ["b", "c"]),
        ({"label": "home"}, ["a", "b"]),
        ({"label": "shop"}, ["b"]),
        ({"label": "Home"}, []),
        ({"due_after": DAYS[1]}, ["b", "c"]),
        ({"due_before": DAYS[1]}, ["a"]),
        ({"due_after": DAYS[0], "due_before": DAYS[2]}, ["a", "b"]),
        ({"due_after": DAYS[2], "due_before": DAYS[0]}, []),
        ({"due_before": "2030-01-02T01:00:00+01:00"}, ["a"]),
        ({"status": "pending", "priority": "normal", "label": "home"}, ["a"]),
        ({"search": "bee"}, ["b"]),
    ],
    ids=str,
)
def test_every_filter_keeps_what_matches(alice: Persona, query: dict[str, str], expected: list[str]) -> None:
    make_task(alice, "a", labels=["home"], due_at=DAYS[0])
    make_task(
        alice, "b", status="completed", priority="urgent", labels=["home", "shop"], due_at=DAYS[1], description="bee"
    )
    make_task(alice, "c", status="in_progress", priority="urgent", due_at=DAYS[2])
    make_task(alice, "d", priority="low")

    assert sorted(titles(alice, f"?{urlencode(query)}")) == expected


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("created_at", ["b", "c", "a", "d"]),
        ("updated_at", ["c", "a", "d", "b"]),
        ("due_at", ["d", "b", "c", "a"]),
        ("priority", ["c", "d", "a", "b"]),
        ("title", ["a", "b", "c", "d"]),
    ],
)
def test_every_order_goes_both_ways(alice: Persona, ordering: str, expected: list[str]) -> None:
    changed = make_task(alice, "b", priority="urgent", due_at=DAYS[1])
    make_task(alice, "c", priority="low")
    make_task(alice, "a", priority="high")
    make_task(alice, "d", due_at=DAYS[0])
    alice.client.patch(f"/tasks/{changed['id']}", {"description": "changed"})

    assert titles(alice, f"?ordering={ordering}") == expected
    assert titles(alice, f"?ordering=-{ordering}") == expected[::-1]


@pytest.mark.parametrize("ordering", ["due_at", "priority"])
def test_ties_are_in_the_order_of_creation(alice: Persona, ordering: str) -> None:
    for title in "abcd":
        make_task(alice, title)

    assert titles(alice, f"?ordering={ordering}") == ["a", "b", "c", "d"]
    assert titles(alice, f"?ordering=-{ordering}") == ["d", "c", "b", "a"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("statsu=pending", "statsu"),
        ("userId=x", "userId"),
        ("page=2", "page"),
        ("limit=10", "limit"),
        ("offset=10", "offset"),
        ("STATUS=pending", "STATUS"),
        ("status=", "status"),
        ("status=done", "status"),
        ("status=pending&status=completed", "status"),
        ("status=pending&status=pending", "status"),
        ("priority=", "priority"),
        ("priority=1", "priority"),
        ("priority=medium", "priority"),
        ("label=", "label"),
        ("label=%20", "label"),
        ("label=%00", "label"),
        (f"label={'x' * 51}", "label"),
        ("due_before=", "due_before"),
        ("due_before=tomorrow", "due_before"),
        ("due_after=2030-01-01T00:00:00+00:00", "due_after"),
        ("due_after=0001-01-01T00:00:00%2B14:00", "due_after"),
        ("due_after=9999-12-31T23:59:59-14:00", "due_after"),
        ("search=", "search"),
        ("search=%00", "search"),
        ("search=...", "search"),
        (f"search={'x' * 201}", "search"),
        ("ordering=", "ordering"),
        ("ordering=user_id", "ordering"),
        ("ordering=--title", "ordering"),
        ("ordering=title,priority", "ordering"),
        ("page_size=", "page_size"),
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=-1", "page_size"),
        ("page_size=ten", "page_size"),
        ("page_size=1&page_size=2", "page_size"),
        (f"page_size={'9' * 5000}", "page_size"),
        ("cursor=", "cursor"),
        ("cursor=x", "cursor"),
        (f"cursor={'x' * 2001}", "cursor"),
    ],
)
def test_an_unknown_empty_wrong_or_repeated_parameter_is_named(alice: Persona, query: str, name: str) -> None:
    response = alice.client.get(f"/tasks?{query}")

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == [name]


def test_all_wrong_parameters_are_named_at_once(alice: Persona) -> None:
    response = alice.client.get("/tasks?a=1&status=&b=2")

    assert list(response.json()["error"]["details"]) == ["a", "status", "b"]
