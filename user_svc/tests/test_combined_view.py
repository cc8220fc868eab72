"""GET /users/me/tasks and /users/users/{id}/tasks: a profile with its tasks, or null while task_svc is unavailable."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from threading import Thread
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
import requests
import responses
from chassis.pagination import MAX_PAGE_BYTES
from chassis.renderers import dumps
from chassis.testing import AuthStub, JSONClient, Persona, failure_of
from pytest_django import Settings

from tests.acts import make_profile
from tests.conftest import Answer, TaskStub

pytestmark = pytest.mark.django_db

VIEWS = ["/users/me/tasks", "/users/users/{id}/tasks"]


def see(persona: Persona, view: str, whose: Persona | None = None) -> dict[str, Any]:
    response = persona.client.get(view.format(id=(whose or persona).id))
    assert response.status_code == 200, response.content
    body: dict[str, Any] = response.json()
    combined: dict[str, Any] = body.get("data", body)
    assert set(combined) == {"user", "tasks", "degraded"}
    return combined


@pytest.mark.parametrize("view", VIEWS)
def test_a_profile_comes_with_its_newest_hundred_tasks(alice: Persona, tasks: TaskStub, view: str) -> None:
    make_profile(alice)
    tasks.tasks = [{"id": str(uuid4()), "title": "x"}]

    combined = see(alice, view)

    assert (combined["tasks"], combined["degraded"]) == (tasks.tasks, False)
    (asked,) = tasks.requests
    assert asked.headers["Authorization"] == f"Bearer {alice.token}"
    assert parse_qs(urlsplit(asked.url or "").query)["page_size"] == ["100"]


def test_me_is_shown_as_in_users_me(alice: Persona, tasks: TaskStub) -> None:
    assert see(alice, VIEWS[0])["user"] == alice.client.get("/users/me").json()["data"]
    make_profile(alice)
    assert see(alice, VIEWS[0])["user"] == alice.client.get("/users/me").json()["data"]


def test_a_user_is_shown_as_in_users_users(alice: Persona, tasks: TaskStub) -> None:
    make_profile(alice)

    assert see(alice, VIEWS[1])["user"] == alice.client.get(f"/users/users/{alice.id}").json()


def test_staff_see_alice_with_her_tasks_by_their_own_token(alice: Persona, staff: Persona, tasks: TaskStub) -> None:
    make_profile(alice)

    assert see(staff, VIEWS[1], alice)["user"]["id"] == str(alice.id)
    (asked,) = tasks.requests
    assert asked.headers["Authorization"] == f"Bearer {staff.token}"
    assert parse_qs(urlsplit(asked.url or "").query)["userId"] == [str(alice.id)]


def test_bob_cannot_see_alice_and_task_svc_is_not_asked(alice: Persona, bob: Persona, tasks: TaskStub) -> None:
    make_profile(alice)

    assert failure_of(bob.client.get(f"/users/users/{alice.id}/tasks")) == (404, "not_found")
    assert tasks.requests == []


def test_an_unknown_user_is_not_found(staff: Persona, tasks: TaskStub) -> None:
    assert failure_of(staff.client.get(f"/users/users/{uuid4()}/tasks")) == (404, "not_found")


def test_anonymous_sees_nothing(anonymous: JSONClient) -> None:
    assert failure_of(anonymous.get(f"/users/users/{uuid4()}/tasks")) == (401, "not_authenticated")


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(
    "answer",
    [
        requests.ConnectionError("refused"),
        requests.ReadTimeout("slow"),
        (500, "{}"),
        (503, "{}"),
        (302, "[]"),
        (200, "not json"),
        (200, ""),
        (200, "null"),
        (200, "5"),
        (200, '"text"'),
        (200, "{}"),
        (200, '{"data": {}}'),
        (401, '{"data": null, "error": {"code": "authentication_failed"}}'),
        (404, "[]"),
        (404, '{"data": []}'),
    ],
    ids=str,
)
def test_without_a_usable_answer_of_task_svc_the_view_is_degraded(
    alice: Persona, tasks: TaskStub, view: str, answer: Answer
) -> None:
    make_profile(alice)
    tasks.answer = answer

    combined = see(alice, view)

    assert (combined["tasks"], combined["degraded"]) == (None, True)
    assert alice.email in combined["user"]["email"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_token_that_task_svc_knows_is_revoked_is_a_401_and_forgotten(
    alice: Persona, tasks: TaskStub, auth_service: AuthStub, view: str
) -> None:
    make_profile(alice)
    del auth_service.personas[alice.token]
    tasks.answer = 401, '{"data": null, "error": {"code": "token_invalid"}}'

    refused = alice.client.get(view.format(id=alice.id))

    assert failure_of(refused) == (401, "token_invalid")
    assert failure_of(alice.client.get("/users/me")) == (401, "token_invalid")


@pytest.mark.parametrize("view", VIEWS)
def test_the_largest_page_that_task_svc_can_give_is_no_outage(alice: Persona, tasks: TaskStub, view: str) -> None:
    make_profile(alice)
    largest = {"title": "\x01" * 200, "description": "\x01" * 10_000, "labels": ["\x01" * 50] * 20}
    tasks.tasks = [largest] * (MAX_PAGE_BYTES // len(dumps(largest)))

    assert see(alice, view) | {"user": None} == {"user": None, "tasks": tasks.tasks, "degraded": False}


Serve = Callable[[socket.socket], None]


@pytest.fixture
def task_svc(settings: Settings, wire: responses.RequestsMock) -> Iterator[Callable[[Serve], None]]:
    """Put a server of the test's own in task_svc's place, on a real socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    settings.TASK_SERVICE_URL = f"http://127.0.0.1:{listener.getsockname()[1]}"
    wire.add_passthru(settings.TASK_SERVICE_URL)
    peers: list[socket.socket] = []
    serving: list[Thread] = []

    def start(serve: Serve) -> None:
        def accept() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:
                    return
                peers.append(peer)
                serve(peer)

        serving.append(Thread(target=accept))
        serving[0].start()

    yield start
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    for peer in peers:
        peer.close()
    for thread in serving:
        thread.join(5)


def refuse(peer: socket.socket) -> None:
    peer.close()


def say_nothing(peer: socket.socket) -> None:
    """Leave the client waiting."""


def talk_nonsense(peer: socket.socket) -> None:
    peer.sendall(b"\x00\xffnonsense\r\n\r\n")


def stop_halfway(peer: socket.socket) -> None:
    peer.recv(65536)
    peer.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"data": [')


@pytest.mark.parametrize("serve", [refuse, say_nothing, talk_nonsense, stop_halfway])
def test_whatever_task_svc_does_the_view_is_there_in_time(
    alice: Persona, task_svc: Callable[[Serve], None], serve: Serve
) -> None:
    task_svc(serve)
    started = monotonic()

    combined = see(alice, VIEWS[0])

    assert (combined["tasks"], combined["degraded"]) == (None, True)
    assert monotonic() - started < 5


def test_a_known_outage_is_not_waited_for_again(alice: Persona, tasks: TaskStub) -> None:
    tasks.answer = requests.ReadTimeout("slow")

    assert [see(alice, VIEWS[0])["degraded"] for _ in range(5)] == [True] * 5
    assert len(tasks.requests) == 1
