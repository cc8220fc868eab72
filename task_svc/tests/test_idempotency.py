"""Idempotency-Key on POST /tasks, /tasks/bulk and /tasks/tasks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from chassis.testing.acts import at_once
from django.db import IntegrityError, transaction
from django.utils import timezone
from tasks.models import IdempotencyKey, Task

from tests.acts import make_task
from tests.conftest import UserStub

Post = Callable[..., Any]


@pytest.fixture(params=["/tasks", "/tasks/bulk", "/tasks/tasks"])
def post(request: pytest.FixtureRequest, users: UserStub) -> Post:
    """Create a task under a key, in each way there is."""

    def act(persona: Persona, key: str, title: str = "Buy milk", client: JSONClient | None = None) -> Any:
        users.known.add(persona.id)
        task = {"title": title, "userId": str(persona.id), "labels": ["b", "a"]}
        body = [task] if request.param == "/tasks/bulk" else task
        return (client or persona.client).post(request.param, body, headers={"Idempotency-Key": key})

    return act


@pytest.mark.django_db
def test_a_repeated_request_gets_the_same_reply_to_the_byte(alice: Persona, post: Post) -> None:
    first = post(alice, "k")

    second = post(alice, "k")

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.content == first.content
    assert [second.get(name) for name in ("ETag", "Location")] == [first.get(name) for name in ("ETag", "Location")]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert Task.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_requests_with_one_key_make_one_task(alice: Persona, post: Post) -> None:
    replies = at_once(20, lambda _: post(alice, "k", client=JSONClient(alice.token)))

    assert Task.objects.count() == 1
    made = [reply for reply in replies if reply.status_code == 201]
    assert len({reply.content for reply in made}) == 1
    for reply in replies:
        if reply not in made:
            assert failure_of(reply) == (409, "request_in_flight")
            assert reply.headers["Retry-After"] == "1"


@pytest.mark.django_db
def test_a_key_with_another_body_is_refused(alice: Persona, post: Post) -> None:
    post(alice, "k", "first")

    assert failure_of(post(alice, "k", "second")) == (422, "idempotency_key_reused")
    assert [task.title for task in Task.objects.all()] == ["first"]


@pytest.mark.django_db
def test_a_key_at_another_address_is_refused(alice: Persona, users: UserStub) -> None:
    users.known.add(alice.id)
    body = {"title": "x", "userId": str(alice.id)}
    headers = {"Idempotency-Key": "k"}
    alice.client.post("/tasks", body, headers=headers)

    assert failure_of(alice.client.post("/tasks/tasks", body, headers=headers)) == (422, "idempotency_key_reused")


@pytest.mark.django_db
def test_the_order_of_fields_makes_no_other_body(alice: Persona) -> None:
    headers = {"Idempotency-Key": "k"}
    first = alice.client.post("/tasks", '{"title": "x", "status": "pending"}', headers=headers)

    second = alice.client.post("/tasks", '{"status":"pending","title":"x"}', headers=headers)

    assert second.content == first.content


@pytest.mark.django_db
def test_bobs_key_has_nothing_to_do_with_alices(alice: Persona, bob: Persona, post: Post) -> None:
    post(alice, "k", "alice's")

    assert post(bob, "k", "bob's").status_code == 201
    assert {(task.user_id, task.title) for task in Task.objects.all()} == {(alice.id, "alice's"), (bob.id, "bob's")}


@pytest.mark.django_db
def test_another_key_or_none_makes_another_task(alice: Persona, post: Post) -> None:
    post(alice, "k")
    post(alice, "K")
    make_task(alice)

    assert Task.objects.count() == 3


@pytest.mark.django_db
def test_a_refused_request_leaves_no_trace(alice: Persona, post: Post) -> None:
    assert failure_of(post(alice, "k", "")) == (400, "validation_error")
    assert not IdempotencyKey.objects.exists()

    assert post(alice, "k", "now right").status_code == 201


@pytest.mark.django_db
def test_an_outage_of_user_svc_leaves_no_trace(alice: Persona, bob: Persona, users: UserStub) -> None:
    users.answer = 500, "{}"
    body = {"title": "x", "userId": str(bob.id)}

    response = alice.client.post("/tasks/tasks", body, headers={"Idempotency-Key": "k"})

    assert failure_of(response) == (503, "service_unavailable")
    assert not IdempotencyKey.objects.exists()
    assert not Task.objects.exists()


@pytest.mark.django_db
def test_a_known_request_is_answered_in_an_outage_of_user_svc(alice: Persona, bob: Persona, users: UserStub) -> None:
    users.known.add(bob.id)
    body = {"title": "x", "userId": str(bob.id)}
    first = alice.client.post("/tasks/tasks", body, headers={"Idempotency-Key": "k"})
    users.answer = 500, "{}"

    second = alice.client.post("/tasks/tasks", body, headers={"Idempotency-Key": "k"})

    assert (second.status_code, second.content) == (201, first.content)
    assert len(users.tokens) == 1


@pytest.mark.django_db
def test_a_key_is_kept_for_24_hours(alice: Persona, post: Post) -> None:
    post(alice, "k")

    kept = IdempotencyKey.objects.get().expires_at - timezone.now()

    assert timedelta(hours=23, minutes=59) < kept <= timedelta(hours=24)


@pytest.mark.django_db
def test_an_expired_key_is_a_new_one(alice: Persona, post: Post) -> None:
    post(alice, "k", "first")
    IdempotencyKey.objects.update(expires_at=timezone.now())

    response = post(alice, "k", "second")

    assert response.status_code == 201
    assert "Idempotency-Replayed" not in response.headers
    assert Task.objects.count() == 2
    assert IdempotencyKey.objects.get().expires_at > timezone.now()


@pytest.mark.django_db
def test_a_new_key_deletes_a_few_expired_ones_of_anybody_and_no_others(
    alice: Persona, bob: Persona, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IdempotencyKey, "EXPIRED_AT_ONCE", 2)
    for key in ("old", "older", "oldest", "recent"):
        post(bob, key)
    IdempotencyKey.objects.filter(key__startswith="old").update(expires_at=timezone.now())

    post(alice, "new")
    assert IdempotencyKey.objects.filter(key__startswith="old").count() == 1
    post(alice, "newer")

    assert {kept.key for kept in IdempotencyKey.objects.all()} == {"recent", "new", "newer"}
    assert Task.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_an_expired_key_that_somebody_else_deletes_is_not_waited_for(alice: Persona, post: Post) -> None:
    post(alice, "old")
    IdempotencyKey.objects.update(expires_at=timezone.now())

    with transaction.atomic():
        IdempotencyKey.objects.select_for_update().get()
        (response,) = at_once(1, lambda _: post(alice, "new", client=JSONClient(alice.token)))

    assert response.status_code == 201


@pytest.mark.django_db(transaction=True)
def test_two_releases_that_lock_differently_make_one_task(
    alice: Persona, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.idempotency.try_lock", lambda name: True)

    replies = at_once(8, lambda _: post(alice, "k", client=JSONClient(alice.token)))

    assert Task.objects.count() == 1
    refused = [reply for reply in replies if reply.status_code != 201]
    assert [failure_of(reply) for reply in refused] == [(409, "request_in_flight")] * len(refused)


@pytest.mark.django_db
def test_an_error_of_the_database_beside_the_key_is_a_fault_of_ours(
    alice: Persona, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tasks.views.mixins.check_tasks", Mock(side_effect=IntegrityError))
    monkeypatch.setattr("tasks.views.account.check_tasks", Mock(side_effect=IntegrityError), raising=False)
    alice.client.raise_request_exception = False

    assert failure_of(post(alice, "k")) == (500, "server_error")


@pytest.mark.django_db
def test_the_reply_is_the_first_even_if_the_task_is_gone(alice: Persona) -> None:
    headers = {"Idempotency-Key": "k"}
    first = alice.client.post("/tasks", {"title": "x"}, headers=headers)
    alice.client.delete(f"/tasks/{first.json()['data']['id']}")

    assert alice.client.post("/tasks", {"title": "x"}, headers=headers).content == first.content
    assert not Task.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["k", "k" * 255, " ~!\"'\\;,", "7b0c2a4e-8f7a-4d6c-9a51-0a5a3a0e2f11"])
def test_any_printable_ascii_is_a_key(alice: Persona, post: Post, key: str) -> None:
    assert post(alice, key).content == post(alice, key).content
    assert Task.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "k" * 256, "\xe9", "a\tb", "\x7f"])
def test_anything_else_is_refused(alice: Persona, post: Post, key: str) -> None:
    response = post(alice, key)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["Idempotency-Key"]
    assert not Task.objects.exists()
