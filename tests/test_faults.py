"""Parts of the system die or freeze under traffic: what the others still do, what is said meanwhile, how it heals.

Every bound here is one that the contract states; the tests wait for conditions, not for times.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.conftest import GATEWAY_URL, PASSWORD, Client, Persona, failure_of, login, new_client
from tests.local_stack import HEALS_WITHIN, PATHS, LocalStack
from tests.waiting import eventually
from tests.writers import writing

PREFIXES = {"auth-svc": "/auth/me", "task-svc": "/tasks", "user-svc": "/users/me"}


def timed(client: Client, path: str) -> tuple[requests.Response, float]:
    started = time.monotonic()
    response = client.get(path, timeout=30)
    return response, time.monotonic() - started


def wait_until_known_to_every_process(persona: Persona) -> None:
    """Use a token until every process has asked about it, and has recovered from the fault of the test before."""
    eventually(lambda: all(persona.client.get("/tasks").status_code == 200 for _ in range(40)), within=HEALS_WITHIN)


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
    killed, *orphans = whole.family(name)

    whole.kill_main(name)

    eventually(lambda: whole.runs_again(name, after=killed.pid), within=HEALS_WITHIN)
    eventually(lambda: alice.client.get(PREFIXES[name]).status_code == 200, within=HEALS_WITHIN)
    # Until then they answer on connections that they have.
    eventually(lambda: not any(each.is_running() for each in orphans), within=HEALS_WITHIN)


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
    wait_until_known_to_every_process(alice)
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


def test_only_a_task_for_another_user_is_a_503_while_user_svc_is_away(
    whole: LocalStack, alice: Persona, staff: Persona
) -> None:
    alice.client.post("/users/users", json={"name": "Alice", "email": alice.email})
    body = {"userId": alice.id, "title": "later"}
    whole.stop("user-svc")
    try:
        own, anothers = (persona.client.post("/tasks/tasks", json=body) for persona in (alice, staff))
    finally:
        whole.start("user-svc")

    assert own.status_code == 201
    assert failure_of(anothers) == (503, "service_unavailable")


@pytest.mark.parametrize("how", ["stopped", "frozen"])
def test_a_database_outage_is_a_503_or_504_never_a_500_and_heals(whole: LocalStack, alice: Persona, how: str) -> None:
    wait_until_known_to_every_process(alice)
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
    eventually(lambda: all(alice.client.get(path).ok for path in PREFIXES.values()), within=HEALS_WITHIN)
    wait_until_known_to_every_process(alice)


@pytest.mark.parametrize("how", ["server_that_only_reads", "connections_that_only_read"])
def test_a_database_that_only_reads_is_a_503_for_writes_and_heals(whole: LocalStack, alice: Persona, how: str) -> None:
    wait_until_known_to_every_process(alice)
    with writing(alice) as writer:
        with getattr(whole, how)():
            services = PATHS[1:]
            eventually(lambda: all(new_client().get(path).status_code == 503 for path in services), HEALS_WITHIN)
            assert {failure_of(new_client().get(path)) for path in services} == {(503, "not_ready")}
            reads = [alice.client.get(path) for path in (*PREFIXES.values(), "/tasks?search=task") for _ in range(8)]
            writes = [alice.client.post("/tasks", json={"title": "refused"}) for _ in range(8)]
            sign_in = new_client().post("/auth/login", json={"email": alice.email, "password": PASSWORD})
        before = len(writer.acknowledged)
        # With the connections that refused a write, not an hour later.
        eventually(lambda: len(writer.acknowledged) > before + 3, within=HEALS_WITHIN)

    # Each process may refuse one write more, until one of its connections that were not used has met it.
    whole.end_connections()
    assert {read.status_code for read in reads} == {200}
    assert {failure_of(refused) for refused in (*writes, sign_in)} == {(503, "service_unavailable")}
    assert {refused.headers["Retry-After"] for refused in (*writes, sign_in)} == {"1"}
    assert writer.statuses == {201, 503}
    whole.wait_until_settled(GATEWAY_URL)
    assert set(writer.acknowledged) <= writer.stored()


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
    eventually(lambda: all(alice.client.get(path).ok for path in PREFIXES.values()), within=HEALS_WITHIN)
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
