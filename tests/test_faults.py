"""Parts of the system die or freeze under traffic: what the others still do, what is said meanwhile, how it heals.

Every bound here is one that the contract states; the tests wait for conditions, not for times.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
import requests

from tests.conftest import GATEWAY_URL, PASSWORD, Client, Persona, failure_of, login, new_client
from tests.local_stack import HEALS_WITHIN, LocalStack
from tests.waiting import eventually

PREFIXES = {"auth-svc": "/auth/me", "task-svc": "/tasks", "user-svc": "/users/me"}


def timed(client: Client, path: str) -> tuple[requests.Response, float]:
    started = time.monotonic()
    response = client.get(path, timeout=30)
    return response, time.monotonic() - started


class Writer:
    """A client that goes on making tasks, and knows which ones it was told were made."""

    def __init__(self, persona: Persona) -> None:
        self.persona = persona
        self.acknowledged: list[str] = []
        self.statuses: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        client = new_client(self.persona.token)
        number = 0
        while not self._stop.is_set():
            number += 1
            try:
                response = client.post("/tasks", json={"title": f"task {number}"}, timeout=30)
            except requests.RequestException:
                continue
            self.statuses.add(response.status_code)
            if response.status_code == 201:
                self.acknowledged.append(response.json()["data"]["id"])
            else:
                failure_of(response)
        client.close()

    def stored(self) -> set[str]:
        ids: set[str] = set()
        url = "/tasks?page_size=100"
        while url:
            body = self.persona.client.get(url).json()
            ids |= {task["id"] for task in body["data"]}
            url = body["meta"]["next"]
        return ids


@contextmanager
def writing(persona: Persona) -> Iterator[Writer]:
    writer = Writer(persona)
    writer._thread.start()
    try:
        eventually(lambda: len(writer.acknowledged) > 3, within=20)
        yield writer
    finally:
        writer._stop.set()
        writer._thread.join()


@pytest.mark.parametrize("name", ["auth-svc", "task-svc", "user-svc", "gateway", "postgres", "auth-worker"])
def test_what_is_killed_comes_back_and_no_acknowledged_write_is_lost(
    whole: LocalStack, alice: Persona, name: str
) -> None:
    killed = whole.main_process(name).pid

    with writing(alice) as writer:
        whole.kill(name)
        eventually(lambda: whole.runs_again(name, after=killed), within=HEALS_WITHIN)
        before = len(writer.acknowledged)
        eventually(lambda: len(writer.acknowledged) > before + 3, within=HEALS_WITHIN)

    assert writer.statuses <= {201, 502, 503, 504}
    whole.wait_until_settled(GATEWAY_URL)
    assert set(writer.acknowledged) <= writer.stored()


@pytest.mark.parametrize("name", ["auth-svc", "task-svc", "user-svc"])
def test_a_service_comes_back_when_only_its_main_process_is_killed(
    whole: LocalStack, alice: Persona, name: str
) -> None:
    killed = whole.main_process(name).pid

    whole.kill_main(name)

    eventually(lambda: whole.runs_again(name, after=killed), within=HEALS_WITHIN)
    eventually(lambda: alice.client.get(PREFIXES[name]).status_code == 200, within=HEALS_WITHIN)


@pytest.mark.parametrize("name", ["auth-svc", "task-svc", "user-svc"])
def test_a_frozen_service_is_told_within_15_seconds_in_our_shape(whole: LocalStack, alice: Persona, name: str) -> None:
    whole.freeze(name)

    response, seconds = timed(alice.client, "/auth/me" if name == "auth-svc" else PREFIXES[name])

    assert failure_of(response)[0] in (502, 503, 504)
    assert "Retry-After" in response.headers
    assert seconds < 15
    whole.thaw_all()
    eventually(lambda: alice.client.get(PREFIXES[name]).status_code == 200, within=HEALS_WITHIN)


def test_tokens_known_to_every_process_work_and_unknown_ones_are_a_503_while_auth_is_frozen(
    whole: LocalStack, alice: Persona, bob: Persona
) -> None:
    # Each process remembers the tokens that it has asked about itself: a token in steady use is known to all of them.
    for _ in range(40):
        assert alice.client.get("/tasks").status_code == 200
    whole.freeze("auth-svc")

    known = [timed(alice.client, "/tasks") for _ in range(5)]
    with ThreadPoolExecutor(40) as pool:
        unknown = list(pool.map(lambda n: timed(new_client(f"{bob.token}{n}"), "/tasks"), range(40)))

    assert {response.status_code for response, _ in known} == {200}
    assert max(seconds for _, seconds in known) < 3
    assert {failure_of(response) for response, _ in unknown} == {(503, "service_unavailable")}
    assert all("Retry-After" in response.headers for response, _ in unknown)
    assert max(seconds for _, seconds in unknown) < 3
    whole.thaw_all()
    eventually(lambda: bob.client.get("/tasks").status_code == 200, within=HEALS_WITHIN)
    whole.wait_until_settled(GATEWAY_URL)
    assert failure_of(new_client(f"{bob.token}x").get("/tasks")) == (401, "token_invalid")


def test_a_token_used_once_works_in_the_process_that_knows_it_and_is_a_503_in_others_while_auth_is_frozen(
    whole: LocalStack, bob: Persona
) -> None:
    assert bob.client.get("/tasks").status_code == 200
    whole.freeze("auth-svc")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: timed(new_client(bob.token), "/tasks"), range(20)))

    refused = [response for response, _ in answers if response.status_code != 200]
    assert {failure_of(response) for response in refused} <= {(503, "service_unavailable")}
    assert len(refused) < len(answers)
    assert max(seconds for _, seconds in answers) < 3


def test_an_outage_of_auth_is_never_a_401(whole: LocalStack, bob: Persona) -> None:
    whole.stop("auth-svc")
    try:
        answers = [new_client(bob.token).get("/tasks") for _ in range(10)]
    finally:
        whole.start("auth-svc")

    assert {failure_of(answer) for answer in answers} == {(503, "service_unavailable")}
    eventually(lambda: bob.client.get("/tasks").status_code == 200, within=HEALS_WITHIN)


def test_the_combined_view_is_degraded_within_3_seconds_while_task_svc_is_frozen(
    whole: LocalStack, alice: Persona
) -> None:
    alice.client.post("/users/users", json={"name": "Alice", "email": alice.email})
    whole.freeze("task-svc")

    for path in (f"/users/users/{alice.id}/tasks", "/users/me/tasks"):
        response, seconds = timed(alice.client, path)
        body = response.json().get("data") or response.json()
        assert response.status_code == 200
        assert (body["tasks"], body["degraded"]) == (None, True)
        assert seconds < 3


def test_a_task_for_a_user_is_a_503_while_user_svc_is_away(whole: LocalStack, alice: Persona) -> None:
    alice.client.post("/users/users", json={"name": "Alice", "email": alice.email})
    whole.stop("user-svc")
    try:
        response = alice.client.post("/tasks/tasks", json={"userId": alice.id, "title": "later"})
    finally:
        whole.start("user-svc")

    assert failure_of(response) == (503, "service_unavailable")


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_a_database_outage_is_a_503_or_504_never_a_500_and_heals(whole: LocalStack, alice: Persona, how: str) -> None:
    for _ in range(40):
        assert alice.client.get("/tasks").status_code == 200
    if how == "stopped":
        whole.stop("postgres")
    else:
        whole.freeze("postgres")
    try:
        with ThreadPoolExecutor(6) as pool:
            paths = ["/tasks", "/users/me", "/auth/me"] * 4
            answers = list(pool.map(lambda path: timed(new_client(alice.token), path), paths))
        health = new_client().get("/tasks/health", timeout=30)
        gateway = new_client().get("/health")
    finally:
        if how == "stopped":
            whole.start("postgres")
        whole.thaw_all()

    assert {failure_of(response)[0] for response, _ in answers} <= {503, 504}
    assert max(seconds for _, seconds in answers) < 15
    assert failure_of(health)[0] in (503, 504)
    assert gateway.status_code == 200
    for path in PREFIXES.values():
        eventually(lambda path=path: alice.client.get(path).status_code == 200, within=HEALS_WITHIN)


def test_everything_heals_after_an_outage_of_the_database_of_30_seconds(
    whole: LocalStack, alice: Persona, staff: Persona
) -> None:
    whole.stop("postgres")
    started = time.monotonic()
    # The length of the outage is the subject of this test.
    eventually(lambda: time.monotonic() - started > 30, within=60)
    whole.start("postgres")

    seconds = whole.wait_until_healthy(GATEWAY_URL, within=HEALS_WITHIN)
    assert seconds < HEALS_WITHIN
    for path in PREFIXES.values():
        eventually(lambda path=path: alice.client.get(path).status_code == 200, within=HEALS_WITHIN)
    eventually(lambda: login(alice.email)["access_token"], within=HEALS_WITHIN)
    whole.wait_until_settled(GATEWAY_URL)
    # The worker is back as well: the end of an account reaches the other services.
    task = alice.client.post("/tasks", json={"title": "to be erased"}).json()["data"]["id"]
    alice.client.delete("/auth/me", json={"password": PASSWORD})
    eventually(lambda: staff.client.get(f"/tasks/tasks/{task}").status_code == 404, within=30)


def test_an_account_ends_everywhere_though_task_svc_and_the_worker_were_dead(
    whole: LocalStack, alice: Persona, staff: Persona
) -> None:
    task = alice.client.post("/tasks", json={"title": "to be erased"}).json()["data"]["id"]
    alice.client.post("/users/createprofile", json={"full_name": "Alice"})
    whole.stop("task-svc")
    whole.kill("auth-worker")

    assert alice.client.delete("/auth/me", json={"password": PASSWORD}).status_code == 202
    eventually(lambda: staff.client.get(f"/users/users/{alice.id}").status_code == 404, within=60)
    whole.start("task-svc")

    eventually(lambda: staff.client.get(f"/tasks/tasks/{task}").status_code == 404, within=60)
