"""The lists of the resource API."""

from __future__ import annotations

from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
from chassis.serializers import CamelCaseSerializer
from chassis.testing import Persona, failure_of
from chassis.testing.acts import pages
from tasks.pagination import TaskPagination

from tests.acts import RESOURCE_FIELDS, make_task

pytestmark = pytest.mark.django_db


def test_alice_lists_her_own_tasks_and_staff_those_of_all_owners(alice: Persona, bob: Persona, staff: Persona) -> None:
    hers, his = make_task(alice), make_task(bob)

    assert [task["id"] for task in alice.client.get("/tasks/tasks").json()] == [hers["id"]]
    assert [task["id"] for task in staff.client.get("/tasks/tasks").json()] == [his["id"], hers["id"]]


def test_a_list_is_kept_to_one_user(alice: Persona, bob: Persona, staff: Persona) -> None:
    hers, his = make_task(alice), make_task(bob)

    def listed(persona: Persona, user_id: UUID) -> list[str]:
        return [task["id"] for task in persona.client.get(f"/tasks/tasks?userId={user_id}").json()]

    assert listed(staff, alice.id) == [hers["id"]]
    assert listed(staff, bob.id) == [his["id"]]
    assert listed(alice, alice.id) == [hers["id"]]
    assert listed(alice, bob.id) == []
    assert listed(staff, uuid4()) == []


def test_a_list_is_kept_to_one_status(alice: Persona) -> None:
    make_task(alice, "open")
    make_task(alice, "done", status="completed")

    listed = alice.client.get("/tasks/tasks?status=completed").json()

    assert [task["title"] for task in listed] == ["done"]
    assert set(listed[0]) == RESOURCE_FIELDS


@pytest.mark.parametrize(
    "query",
    [
        *({"ordering": f"{sign}{name}"} for name in TaskPagination.sort_keys for sign in ("", "-")),
        {"status": "completed"},
        {"priority": "high"},
        {"label": "home"},
        {"due_after": "2030-01-02T00:00:00Z"},
        {"due_before": "2030-01-02T00:00:00Z", "ordering": "title"},
        {"search": "milk", "priority": "high", "ordering": "-due_at"},
    ],
    ids=str,
)
def test_both_apis_have_the_same_filters_and_orders(
    alice: Persona, bob: Persona, staff: Persona, query: dict[str, str]
) -> None:
    for persona in (alice, bob):
        make_task(persona, "milk", priority="high", labels=["home"], due_at="2030-01-02T00:00:00Z")
        make_task(persona, "bread", status="completed", due_at="2030-01-01T00:00:00Z")
        make_task(persona, "buy milk", priority="high")
    camel = {CamelCaseSerializer.wire_name(name): value for name, value in query.items()}
    camel |= {"ordering": CamelCaseSerializer.wire_name(query["ordering"])} if "ordering" in query else {}

    expected = [task["id"] for task in alice.client.get(f"/tasks?{urlencode(query)}").json()["data"]]

    assert expected
    for persona, owner in ((alice, {}), (alice, {"userId": alice.id}), (staff, {"userId": alice.id})):
        walked = pages(persona.client, f"/tasks/tasks?{urlencode({'page_size': 2, **camel, **owner})}")
        assert [task["id"] for page in walked for task in page] == expected
    assert bob.client.get(f"/tasks/tasks?{urlencode({**camel, 'userId': alice.id})}").json() == []


@pytest.mark.parametrize(
    "query", ["priority=high", "label=x", "search=x", "dueAfter=2030-01-01T00:00:00Z", "ordering=title"]
)
def test_staff_say_whose_tasks_no_index_over_all_users_can_give(staff: Persona, query: str) -> None:
    response = staff.client.get(f"/tasks/tasks?{query}")

    assert failure_of(response) == (400, "validation_error")
    assert response.json()["error"]["fields"] == [{"field": "userId", "code": "required"}]


def test_the_next_page_is_in_the_link_header(alice: Persona, staff: Persona) -> None:
    alice.client.post("/tasks/bulk", [{"title": f"{number}"} for number in range(5)])

    walked = list(pages(staff.client, f"/tasks/tasks?page_size=2&userId={alice.id}"))

    assert [[task["title"] for task in page] for page in walked] == [["4", "3"], ["2", "1"], ["0"]]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("user_id=x", "user_id"),
        ("userId=1", "userId"),
        ("userId=", "userId"),
        ("status=done", "status"),
        ("priority=1", "priority"),
        ("due_before=2030-01-01T00:00:00Z", "due_before"),
        ("dueBefore=soon", "dueBefore"),
        ("ordering=created_at", "ordering"),
        ("page_size=1000", "page_size"),
        ("cursor=x", "cursor"),
    ],
)
def test_a_wrong_parameter_is_named(staff: Persona, query: str, name: str) -> None:
    response = staff.client.get(f"/tasks/tasks?{query}")

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == [name]
