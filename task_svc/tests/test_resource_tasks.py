"""The resource API of tasks: POST and GET /tasks/tasks, and staff's reach."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
import requests
from chassis.contracts import failure
from chassis.serializers import CamelCaseSerializer
from chassis.testing import AuthStub, JSONClient, Persona, failure_of
from chassis.testing.acts import pages
from tasks.models import Task
from tasks.pagination import TaskPagination
from tasks.serializers import TaskResourceSerializer, TaskSerializer

from tests.acts import make_task
from tests.conftest import UserStub

pytestmark = pytest.mark.django_db

FIELDS = {
    "id",
    "userId",
    "title",
    "description",
    "status",
    "priority",
    "dueAt",
    "labels",
    "completedAt",
    "version",
    "createdAt",
    "updatedAt",
}


@pytest.fixture
def known(users: UserStub, alice: Persona, bob: Persona) -> UserStub:
    """Stub user_svc so that it knows alice and bob."""
    users.known |= {alice.id, bob.id}
    return users


def post(persona: Persona, owner: Any, **fields: Any) -> Any:
    return persona.client.post("/tasks/tasks", {"userId": str(owner), "title": "Write docs", **fields})


def test_alice_creates_a_task_for_herself(alice: Persona, known: UserStub) -> None:
    response = post(alice, alice.id, description="all", status="in_progress")

    assert response.status_code == 201
    task = response.json()
    assert set(task) == FIELDS
    assert task["userId"] == str(alice.id)
    assert (task["title"], task["description"], task["status"]) == ("Write docs", "all", "in_progress")
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Location"] == f"/tasks/tasks/{task['id']}"
    assert alice.client.get(response.headers["Location"]).json() == task
    assert Task.objects.get().user_id == alice.id


def test_alices_own_id_needs_neither_a_profile_nor_user_svc(alice: Persona, users: UserStub) -> None:
    users.answer = requests.ConnectionError("refused")

    response = post(alice, alice.id)

    assert (response.status_code, response.json()["userId"]) == (201, str(alice.id))
    assert users.tokens == []


def test_user_svc_is_asked_for_another_id_with_the_callers_token(alice: Persona, bob: Persona, known: UserStub) -> None:
    post(alice, bob.id)

    assert known.tokens == [f"Bearer {alice.token}"]


def test_whom_user_svc_does_not_show_does_not_exist(alice: Persona, known: UserStub) -> None:
    response = post(alice, uuid4())

    assert failure_of(response) == (400, "user_not_found")
    assert list(response.json()["error"]["details"]) == ["userId"]
    assert not Task.objects.exists()


def test_staff_creates_a_task_for_alice(alice: Persona, staff: Persona, known: UserStub) -> None:
    assert post(staff, alice.id).json()["userId"] == str(alice.id)
    assert Task.objects.get().user_id == alice.id


@pytest.mark.parametrize(
    "answer",
    [
        requests.ConnectionError("refused"),
        requests.ReadTimeout("slow"),
        (500, "{}"),
        (503, "{}"),
        (302, "{}"),
        (200, "not json"),
        (200, "[]"),
        (200, "{}"),
        (200, "null"),
        (200, '{"id": "somebody else"}'),
        (404, "<html>"),
        (404, "{}"),
        (404, '{"error": "not found"}'),
        (401, '{"error": {"code": "authentication_failed"}}'),
        (403, "{}"),
    ],
    ids=str,
)
def test_without_a_usable_answer_of_user_svc_nothing_is_made(
    alice: Persona, staff: Persona, known: UserStub, answer: tuple[int, str] | Exception
) -> None:
    known.answer = answer

    response = post(staff, alice.id)

    assert failure_of(response) == (503, "service_unavailable")
    assert response.headers["Retry-After"] == "1"
    assert not Task.objects.exists()


def test_a_token_that_user_svc_knows_is_revoked_is_a_401_and_forgotten(
    alice: Persona, bob: Persona, known: UserStub, auth_service: AuthStub
) -> None:
    make_task(alice)
    del auth_service.personas[alice.token]
    known.answer = 401, json.dumps(failure("token_invalid", "The token is invalid, expired or revoked."))

    refused = post(alice, bob.id)

    assert failure_of(refused) == (401, "token_invalid")
    assert refused.headers["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'
    assert failure_of(alice.client.get("/tasks")) == (401, "token_invalid")
    assert Task.objects.count() == 1


@pytest.mark.parametrize("user_id", [None, "", "1", [], {}, "x" * 36, 1.5, -1, 2**63])
def test_what_is_no_user_id_is_refused_without_asking(alice: Persona, known: UserStub, user_id: Any) -> None:
    response = alice.client.post("/tasks/tasks", {"userId": user_id, "title": "x"})

    assert response.status_code == 400
    assert list(response.json()["error"]["details"]) == ["userId"]


def test_user_id_and_title_are_required(alice: Persona, known: UserStub) -> None:
    response = alice.client.post("/tasks/tasks", {"user_id": str(alice.id)})

    assert failure_of(response) == (400, "validation_error")
    assert set(response.json()["error"]["details"]) == {"userId", "title"}
    assert known.tokens == []


def test_server_owned_fields_are_never_obeyed(alice: Persona, bob: Persona, known: UserStub) -> None:
    stolen = {"id": str(uuid4()), "user_id": str(bob.id), "version": 9, "createdAt": "2001-01-01T00:00:00Z"}

    task = post(alice, alice.id, **stolen).json()

    assert task["id"] != stolen["id"]
    assert (task["userId"], task["version"]) == (str(alice.id), 1)
    assert task["createdAt"] != stolen["createdAt"]


def test_both_apis_show_the_same_tasks(alice: Persona, known: UserStub) -> None:
    bare = post(alice, alice.id, dueAt="2030-01-01T00:00:00Z").json()

    enveloped = alice.client.get(f"/tasks/{bare['id']}").json()["data"]

    renamed = {"user_id": "userId", "due_at": "dueAt", "completed_at": "completedAt"}
    renamed |= {"created_at": "createdAt", "updated_at": "updatedAt"}
    assert {renamed.get(name, name): value for name, value in enveloped.items()} == bare


def test_both_apis_have_the_same_fields_and_limits(alice: Persona) -> None:
    wrong = {"title": "x" * 201, "description": "x" * 10_001, "labels": ["x"] * 21, "priority": 9, "status": "done"}

    enveloped = alice.client.post("/tasks", {**wrong, "due_at": "soon"}).json()["error"]["details"]
    bare = post(alice, alice.id, **wrong, dueAt="soon").json()["error"]["details"]

    assert set(bare) == {*wrong, "dueAt"}
    assert bare == {name.replace("due_at", "dueAt"): messages for name, messages in enveloped.items()}
    assert [*TaskResourceSerializer.sources().values()] == [*TaskSerializer.sources().values()]


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
    assert set(listed[0]) == FIELDS


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


@pytest.mark.parametrize("method", ["put", "patch"])
def test_only_the_field_given_changes(alice: Persona, method: str) -> None:
    task = make_task(alice, "old", priority="high", due_at="2030-01-01T00:00:00Z")

    changed = getattr(alice.client, method)(f"/tasks/tasks/{task['id']}", {"dueAt": None}).json()

    assert (changed["title"], changed["priority"], changed["dueAt"], changed["version"]) == ("old", "high", None, 2)


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


def test_staff_reach_alices_task_to_show_change_and_delete_it(alice: Persona, staff: Persona) -> None:
    url = f"/tasks/tasks/{make_task(alice)['id']}"

    assert staff.client.get(url).json()["userId"] == str(alice.id)
    changed = staff.client.put(url, {"title": "by staff", "userId": str(staff.id)}).json()
    assert (changed["title"], changed["userId"], changed["version"]) == ("by staff", str(alice.id), 2)
    assert staff.client.delete(url).status_code == 204
    assert not Task.objects.exists()


def test_anonymous_has_no_resources(anonymous: JSONClient) -> None:
    assert failure_of(anonymous.get("/tasks/tasks")) == (401, "not_authenticated")
    assert failure_of(anonymous.post("/tasks/tasks", {})) == (401, "not_authenticated")
