"""The resource API of tasks: POST and GET /tasks/tasks, and staff's reach."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
import requests
from chassis.contracts import failure
from chassis.testing import AuthStub, JSONClient, Persona, failure_of
from tasks.models import Task
from tasks.serializers import TaskResourceSerializer, TaskSerializer

from tests.acts import RESOURCE_FIELDS, make_task
from tests.conftest import UserStub

pytestmark = pytest.mark.django_db


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
    assert set(task) == RESOURCE_FIELDS
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


@pytest.mark.parametrize("method", ["put", "patch"])
def test_only_the_field_given_changes(alice: Persona, method: str) -> None:
    task = make_task(alice, "old", priority="high", due_at="2030-01-01T00:00:00Z")

    changed = getattr(alice.client, method)(f"/tasks/tasks/{task['id']}", {"dueAt": None}).json()

    assert (changed["title"], changed["priority"], changed["dueAt"], changed["version"]) == ("old", "high", None, 2)


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
