"""Several replicas of a service behind the gateway: who serves what, and what clients see when one is lost."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import psutil
import pytest
import requests

from local import ports
from local.config import Config
from local.services import SERVICES, find
from tests.conftest import PASSWORD, Client, Persona, failure_of, new_client
from tests.own_gateway import OwnGateway, Stub
from tests.replicas import Names, gateway_of_names, names, replica
from tests.test_restarts import CONNECTIONS, load
from tests.waiting import eventually

ADDRESSES = ("127.0.0.2", "127.0.0.3", "127.0.0.4")


class Name(Stub):
    """A replica that answers with its own address."""

    def do_GET(self) -> None:  # noqa: N802  # The name that http.server calls.
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.connection.getsockname()[0].encode())


class Named:
    """A gateway before three stubs of task_svc that say which one they are."""

    def __init__(self, gateway: OwnGateway, names: Names, stubs: dict[str, ThreadingHTTPServer]) -> None:
        self.gateway, self.names, self.stubs = gateway, names, stubs

    def serving(self, token: str | None = None) -> str:
        """Return the address of the replica that serves a request."""
        with closing(http.client.HTTPConnection(*self.gateway.address, timeout=20)) as connection:
            connection.request("GET", "/tasks", headers={"Authorization": token} if token else {})
            return connection.getresponse().read().decode()


@pytest.fixture
def named(tmp_path: Path) -> Iterator[Named]:
    port = int(ports.free(1)[0])
    with ExitStack() as running:
        known = running.enter_context(names())
        known.addresses["task-svc"] = list(ADDRESSES)
        stubs = {each: running.enter_context(ThreadingHTTPServer((each, port), Name)) for each in ADDRESSES}
        for stub in stubs.values():
            threading.Thread(target=stub.serve_forever, daemon=True).start()
            running.callback(stub.shutdown)
        listening = {service.name: port for service in SERVICES}
        gateway = running.enter_context(gateway_of_names(tmp_path, known, listening))
        yield Named(gateway, known, stubs)


def test_the_requests_of_one_token_go_to_one_replica_and_tokens_to_all(named: Named) -> None:
    served = {token: {named.serving(token) for _ in range(3)} for token in (f"Bearer {n}" for n in range(30))}

    assert all(len(replicas) == 1 for replicas in served.values())
    assert set().union(*served.values()) == set(ADDRESSES)


def test_requests_without_a_token_go_to_all_replicas(named: Named) -> None:
    assert {named.serving() for _ in range(60)} == set(ADDRESSES)


def test_a_replica_that_comes_or_goes_moves_only_its_own_tokens(named: Named) -> None:
    tokens = [f"Bearer {number}" for number in range(30)]
    before = {token: named.serving(token) for token in tokens}
    gone = ADDRESSES[0]
    named.names.addresses["task-svc"] = list(ADDRESSES[1:])
    eventually(lambda: gone not in {named.serving(token) for token in tokens}, within=5)
    without = {token: named.serving(token) for token in tokens}
    named.names.addresses["task-svc"] = list(ADDRESSES)
    eventually(lambda: {token: named.serving(token) for token in tokens} == before, within=5)

    assert {token: at for token, at in without.items() if before[token] != gone} == {
        token: at for token, at in before.items() if at != gone
    }


class Replicas(NamedTuple):
    """The address of a gateway, the replicas before which it stands, and the port of those."""

    gateway: str
    processes: list[psutil.Process]
    port: int


@contextmanager
def replicas_of_tasks(home: Path, names: Names, count: int) -> Iterator[Replicas]:
    """Run replicas of task_svc, and a gateway before them and the stack's other services."""
    config, port = Config(), int(ports.free(1)[0])
    listening = {service.name: config.port(service) for service in SERVICES} | {"task-svc": port}
    names.addresses = {service.name: ["127.0.0.1"] for service in SERVICES}
    names.addresses["task-svc"] = list(ADDRESSES[:count])
    with ExitStack() as running:
        starting = [replica(find("task-svc"), f"{address}:{port}") for address in ADDRESSES[:count]]
        processes = [running.enter_context(each) for each in starting]
        gateway = running.enter_context(gateway_of_names(home, names, listening))
        yield Replicas(f"http://127.0.0.1:{gateway.port}", processes, port)


def kill(process: psutil.Process) -> None:
    """Kill -9 a replica and its workers at once."""
    for each in [process, *process.children(recursive=True)]:
        each.kill()


def stop(process: psutil.Process) -> None:
    """Stop a replica in good order."""
    process.terminate()


@pytest.mark.usefixtures("whole")
@pytest.mark.parametrize("end", [kill, stop])
def test_a_replica_that_ends_under_load_takes_nothing_with_it(
    alice: Persona, bob: Persona, tmp_path: Path, end: Callable[[psutil.Process], None]
) -> None:
    with (
        names() as known,
        replicas_of_tasks(tmp_path, known, 2) as (gateway, (first, _), _),
        load(alice, gateway) as of_alice,
        load(bob, gateway) as of_bob,
    ):
        eventually(lambda: min(len(of_alice.titles), len(of_bob.titles)) > 50, within=30)
        end(first)
        last = len(of_alice.titles), len(of_bob.titles)
        eventually(lambda: len(of_alice.titles) > last[0] + 50 and len(of_bob.titles) > last[1] + 50, within=30)

    failures = of_alice.failures + of_bob.failures
    print(f"{of_alice.count + of_bob.count} requests, longest {of_alice.longest:.2f} s, {failures}")
    # What the killed one was working on may have been done, so nobody sends it again; what it was sending breaks off.
    assert all(failure.startswith(("POST 502 ", "ChunkedEncodingError")) for failure in failures)
    # Each client of the two waits for one answer, and both tokens may go to that replica.
    assert len(failures) <= (2 * CONNECTIONS if end is kill else 0)
    for clients in (of_alice, of_bob):
        stored = clients.stored()
        assert {title: stored[title] for title in clients.titles} == dict.fromkeys(clients.titles, 1)
        assert max(stored.values()) == 1


@pytest.mark.usefixtures("whole")
def test_what_a_killed_replica_was_sent_is_read_elsewhere_but_never_written_twice(
    alice: Persona, tmp_path: Path
) -> None:
    title = f"task {uuid4()}"
    with (
        names() as known,
        replicas_of_tasks(tmp_path, known, 2) as (gateway, (first, _), _),
        ThreadPoolExecutor() as pool,
    ):
        known.addresses["task-svc"] = [ADDRESSES[0]]
        eventually(lambda: new_client().get(f"{gateway}/tasks/health").ok, within=10)
        for process in [first, *first.children(recursive=True)]:
            process.suspend()
        read = pool.submit(new_client(alice.token).get, f"{gateway}/tasks")
        written = pool.submit(new_client(alice.token).post, f"{gateway}/tasks", json={"title": title})
        eventually(lambda: connections_to(ADDRESSES[0]) >= 2, within=5)
        known.addresses["task-svc"] = list(ADDRESSES[:2])
        kill(first)

        assert read.result().status_code == 200
        assert failure_of(written.result()) == (502, "bad_gateway")
    assert title not in {task["title"] for task in alice.client.get("/tasks").json()["data"]}


def connections_to(address: str) -> int:
    """Return how many connections clients have to an address."""
    connections = psutil.net_connections("tcp4")
    return sum(1 for each in connections if each.status == "ESTABLISHED" and each.raddr and each.raddr.ip == address)


@pytest.mark.usefixtures("stack")
def test_a_key_that_one_replica_has_seen_is_answered_by_the_other(alice: Persona, tmp_path: Path) -> None:
    with names() as known, replicas_of_tasks(tmp_path, known, 2) as replicas:
        answers = [create(new_client(alice.token), f"http://{each}:{replicas.port}") for each in ADDRESSES[:2]]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["data"] == answers[1].json()["data"]


def create(client: Client, address: str) -> requests.Response:
    return client.post(f"{address}/tasks", json={"title": "once"}, headers={"Idempotency-Key": "the same"})


@pytest.mark.usefixtures("stack")
def test_a_limit_holds_across_replicas(alice: Persona) -> None:
    first, second = (f"127.0.0.1:{port}" for port in ports.free(2))
    wrong = {"email": alice.email, "password": f"not {PASSWORD}"}
    with replica(find("auth-svc"), first), replica(find("auth-svc"), second):
        addresses = [first, second] * 3
        statuses = [new_client().post(f"http://{each}/auth/login", json=wrong).status_code for each in addresses]

    assert statuses == [401] * 5 + [429]
