"""DELETE /tasks/{id} and DELETE /tasks/tasks/{id}."""

from __future__ import annotations

from uuid import uuid4

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from tasks.models import Task

from tests.acts import make_task

pytestmark = pytest.mark.django_db


def test_a_deleted_task_is_gone_and_the_others_stay(alice: Persona) -> None:
    gone, kept = make_task(alice), make_task(alice)

    response = alice.client.delete(f"/tasks/{gone['id']}")

    assert response.status_code == 200
    assert response.json() == {"success": True, "message": "Task deleted.", "data": None, "error": None}
    assert [str(task.pk) for task in Task.objects.all()] == [kept["id"]]


def test_the_resource_api_answers_a_deletion_with_nothing(alice: Persona) -> None:
    task = make_task(alice)

    response = alice.client.delete(f"/tasks/tasks/{task['id']}")

    assert (response.status_code, response.content) == (204, b"")
    assert not Task.objects.exists()


@pytest.mark.parametrize("prefix", ["/tasks", "/tasks/tasks"])
def test_deleting_twice_is_not_found(alice: Persona, prefix: str) -> None:
    task = make_task(alice)
    alice.client.delete(f"{prefix}/{task['id']}")

    assert failure_of(alice.client.delete(f"{prefix}/{task['id']}")) == (404, "not_found")


@pytest.mark.parametrize("prefix", ["/tasks", "/tasks/tasks"])
def test_bob_cannot_delete_alices_task(alice: Persona, bob: Persona, prefix: str) -> None:
    task = make_task(alice)

    assert failure_of(bob.client.delete(f"{prefix}/{task['id']}")) == (404, "not_found")
    assert Task.objects.exists()


@pytest.mark.parametrize("prefix", ["/tasks", "/tasks/tasks"])
def test_anonymous_deletes_nothing(alice: Persona, anonymous: JSONClient, prefix: str) -> None:
    task = make_task(alice)

    assert failure_of(anonymous.delete(f"{prefix}/{task['id']}")) == (401, "not_authenticated")
    assert Task.objects.exists()


@pytest.mark.parametrize("prefix", ["/tasks", "/tasks/tasks"])
def test_an_unknown_task_is_not_found(alice: Persona, prefix: str) -> None:
    assert failure_of(alice.client.delete(f"{prefix}/{uuid4()}")) == (404, "not_found")


def test_staff_cannot_delete_alices_task_in_the_account_api(alice: Persona, staff: Persona) -> None:
    task = make_task(alice)

    assert failure_of(staff.client.delete(f"/tasks/{task['id']}")) == (404, "not_found")
    assert Task.objects.exists()
