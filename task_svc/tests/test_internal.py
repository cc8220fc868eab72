"""/internal/..., for the other services alone."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from chassis.contracts import SERVICE_KEY_HEADER
from chassis.db import rows
from chassis.testing import JSONClient, Persona, failure_of
from chassis.testing.acts import waiting_for
from chassis.testing.admin import StaffStub, sign_in
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from tasks.models import IdempotencyKey, Task, Tombstone

from tests.acts import make_task

pytestmark = pytest.mark.django_db


def test_erasing_an_account_removes_its_tasks_and_replies_and_nobody_elses(
    alice: Persona, bob: Persona, service: JSONClient
) -> None:
    for persona in (alice, bob):
        persona.client.post("/tasks", {"title": "x"}, headers={"Idempotency-Key": "k"})

    response = service.delete(f"/internal/accounts/{alice.id}")

    assert (response.status_code, response.content) == (204, b"")
    assert [task.user_id for task in Task.objects.all()] == [bob.id]
    assert [key.user_id for key in IdempotencyKey.objects.all()] == [bob.id]


def test_erasing_staff_removes_their_mirror_but_not_what_they_did(
    staff_service: StaffStub, alice: Persona, service: JSONClient
) -> None:
    root = staff_service.add("root")
    admin, _ = sign_in("root@example.com")
    admin.handler.enforce_csrf_checks = False
    task = make_task(alice, "private")
    admin.post(f"/tasks/admin/tasks/task/{task['id']}/delete/", {"post": "yes"})

    assert service.delete(f"/internal/accounts/{root}").status_code == 204

    assert list(User.objects.values_list("username", "email")) == [("erased", "")]
    assert list(LogEntry.objects.values_list("object_id", "object_repr")) == [(task["id"], task["id"])]


def test_a_large_account_is_erased_in_portions(
    alice: Persona, bob: Persona, service: JSONClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PORTION", 2)
    for persona, count in ((alice, 5), (bob, 1)):
        persona.client.post("/tasks/bulk", [{"title": "x"}] * count)

    statuses = [service.delete(f"/internal/accounts/{alice.id}").status_code for _ in range(4)]

    assert statuses == [202, 202, 204, 204]
    assert [task.user_id for task in Task.objects.all()] == [bob.id]


@pytest.mark.django_db(transaction=True)
def test_what_others_delete_meanwhile_does_not_pass_for_the_end(
    alice: Persona, service: JSONClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PORTION", 2)
    alice.client.post("/tasks/bulk", [{"title": "x"}] * 5)

    response = waiting_for(
        lambda: rows.delete_some(Task.objects.all()), lambda: service.delete(f"/internal/accounts/{alice.id}")
    )

    assert response.status_code == 202
    assert Task.objects.count() == 3


def test_erasing_again_or_an_unknown_account_changes_nothing(alice: Persona, bob: Persona, service: JSONClient) -> None:
    make_task(bob)

    for account_id in (alice.id, alice.id, uuid4()):
        assert service.delete(f"/internal/accounts/{account_id}").status_code == 204
    assert Task.objects.count() == 1


def test_an_account_that_was_deleted_is_remembered_and_one_that_is_unknown_is_not(
    alice: Persona, bob: Persona, service: JSONClient
) -> None:
    for persona in (alice, bob):
        make_task(persona)
    assert service.get("/internal/accounts").json() == {"ids": sorted(str(each.id) for each in (alice, bob))}

    service.delete(f"/internal/accounts/{alice.id}")
    service.delete(f"/internal/accounts/{bob.id}?deleted=false")

    assert service.get("/internal/accounts").json() == {"ids": []}
    answer = service.post("/internal/accounts/deleted", {"ids": [str(alice.id), str(bob.id)]})
    assert answer.json() == {"ids": [str(alice.id)]}
    assert Tombstone.objects.count() == 1


@pytest.mark.parametrize("key", [None, "", "wrong", "\xe9"])
def test_without_the_key_the_endpoint_does_not_exist(staff: Persona, key: str | None) -> None:
    task = make_task(staff)
    headers: dict[str, Any] = {} if key is None else {SERVICE_KEY_HEADER: key}

    response = staff.client.delete(f"/internal/accounts/{staff.id}", headers=headers)

    assert failure_of(response) == (404, "not_found")
    assert str(Task.objects.get().pk) == task["id"]


def test_internal_endpoints_are_in_no_schema(anonymous: JSONClient) -> None:
    schema = json.loads(anonymous.get("/tasks/schema?format=json").content)

    assert "/tasks/bulk" in schema["paths"]
    assert not [path for path in schema["paths"] if "internal" in path]
