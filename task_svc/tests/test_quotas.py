"""How much one account may store: beyond it nothing is stored, and the answer says which limit it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from chassis.testing import Persona, failure_of
from django.utils import timezone
from pytest_django import Settings
from tasks import quotas
from tasks.models import IdempotencyKey, Task

from tests.acts import make_task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_tasks(settings: Settings) -> Iterator[None]:
    settings.MAX_TASKS = 3
    quotas._roomy.clear()
    yield
    quotas._roomy.clear()


def post(persona: Persona, title: str = "one more", **headers: str) -> Any:
    return persona.client.post("/tasks", {"title": title}, headers=headers)


def test_a_task_beyond_the_limit_is_a_409(alice: Persona) -> None:
    assert [post(alice).status_code for _ in range(3)] == 3 * [201]

    response = post(alice)

    assert failure_of(response) == (409, "limit_reached")
    assert "3 tasks" in response.json()["message"]
    assert Task.objects.count() == 3


def test_a_deleted_task_makes_room(alice: Persona) -> None:
    for _ in range(3):
        task = make_task(alice)
    alice.client.delete(f"/tasks/{task['id']}")

    assert post(alice).status_code == 201


def test_other_accounts_are_not_concerned(alice: Persona, bob: Persona) -> None:
    for _ in range(3):
        make_task(alice)

    assert post(bob).status_code == 201


def test_a_bulk_that_goes_beyond_the_limit_makes_nothing(alice: Persona) -> None:
    make_task(alice)

    response = alice.client.post("/tasks/bulk", [{"title": str(number)} for number in range(3)])

    assert failure_of(response) == (409, "limit_reached")
    assert Task.objects.count() == 1
    assert alice.client.post("/tasks/bulk", [{"title": "a"}, {"title": "b"}]).status_code == 201


def test_an_account_far_from_the_limit_is_counted_once_for_many_tasks(
    alice: Persona, settings: Settings, django_assert_num_queries: Any
) -> None:
    settings.MAX_TASKS = 100_000
    post(alice)

    with django_assert_num_queries(1):
        assert post(alice).status_code == 201


def test_a_key_beyond_the_limit_is_a_409_and_makes_nothing(alice: Persona, settings: Settings) -> None:
    settings.MAX_TASKS, settings.MAX_IDEMPOTENCY_KEYS = 100, 2
    for key in ("a", "b"):
        assert post(alice, **{"Idempotency-Key": key}).status_code == 201

    assert failure_of(post(alice, **{"Idempotency-Key": "c"})) == (409, "limit_reached")
    assert Task.objects.count() == 2


def test_a_known_key_is_answered_beyond_the_limit(alice: Persona, settings: Settings) -> None:
    settings.MAX_IDEMPOTENCY_KEYS = 1
    post(alice, **{"Idempotency-Key": "a"})

    assert post(alice, **{"Idempotency-Key": "a"})["Idempotency-Replayed"] == "true"


def test_keys_that_have_expired_do_not_count(alice: Persona, settings: Settings) -> None:
    settings.MAX_IDEMPOTENCY_KEYS = 1
    post(alice, **{"Idempotency-Key": "a"})
    IdempotencyKey.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert post(alice, **{"Idempotency-Key": "b"}).status_code == 201


def test_remembered_replies_are_bounded_in_bytes_too(alice: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quotas, "MAX_REPLY_BYTES", 300)
    assert post(alice, **{"Idempotency-Key": "a"}).status_code == 201

    assert failure_of(post(alice, **{"Idempotency-Key": "b"})) == (409, "limit_reached")
