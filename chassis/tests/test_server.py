from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
from chassis.gunicorn import graceful_timeout
from chassis.workers import FIRST_BYTE_SECONDS

from tests.serving import GET, THREADS, Served, answer_of, serving

LIMIT = 1024 * 1024


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as served:
        yield served


def post(path: str, length: int, body: bytes) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n".encode() + body


@contextmanager
def held(served: Served) -> Iterator[None]:
    """Keep every thread of the first address busy within the block."""
    with socket.create_server(("127.0.0.1", 0)) as gate, ExitStack() as connections:
        gate.settimeout(30)
        for _ in range(THREADS):
            served.client().sendall(GET.replace(b"/ ", f"/hold/{gate.getsockname()[1]} ".encode(), 1))
        for _ in range(THREADS):
            connections.enter_context(gate.accept()[0])
        yield


def listens(served: Served) -> bool:
    try:
        served.client().close()
    except ConnectionRefusedError:
        return False
    return True


def test_an_answer_that_ignores_the_body_leaves_the_connection_good(served: Served) -> None:
    client = served.client()
    for path in ("/one", "/two"):
        client.sendall(post(path, LIMIT, b"x" * LIMIT))
        answer = answer_of(client)

        assert answer.endswith(f"hello {path}".encode())
        assert b"connection: keep-alive" in answer.lower()


def test_the_answer_to_a_body_that_is_too_large_says_that_the_connection_ends(served: Served) -> None:
    assert b"connection: close" in served.ask(post("/", LIMIT + 1, b"x")).lower()


def test_half_requests_do_not_hold_threads(served: Served) -> None:
    halves = [b"GET / HTT", b"GET / HTTP/1.1\r\nHost:", post("/", 1000, b"x" * 10)]
    assert len(halves) == THREADS
    for half in halves:
        served.client().sendall(half)

    assert served.ask().endswith(b"hello /")
    assert "Traceback" not in served.log()


def test_idle_connections_do_not_hold_threads(served: Served) -> None:
    for _ in range(200):
        served.client()

    assert served.ask().endswith(b"hello /")


def test_connections_without_a_request_do_not_hold_up_the_end(tmp_path: Path) -> None:
    with serving(tmp_path) as ending:
        for _ in range(THREADS):
            ending.client()
        # One of them has been put aside, or there would be no thread for this.
        assert ending.ask().endswith(b"hello /")
        started = monotonic()

        ending.process.terminate()
        ending.process.wait(30)

        assert monotonic() - started < graceful_timeout / 2


def test_a_first_request_that_is_slow_to_come_is_answered_as_the_server_ends(tmp_path: Path) -> None:
    with serving(tmp_path) as ending:
        clients = [ending.client() for _ in range(THREADS)]
        ending.process.terminate()
        while listens(ending):
            pass
        # A thread does not wait for so long.
        sleep(4 * FIRST_BYTE_SECONDS)

        for client in clients:
            client.sendall(GET)
            assert answer_of(client).endswith(b"hello /")
            # The server waits for that, one connection after the other.
            client.close()


def test_a_server_that_ends_leaves_idle_services_at_once_and_waits_for_the_gateway(tmp_path: Path) -> None:
    with serving(tmp_path) as ending:
        gateway, service = ending.client(), ending.client(1)
        for each in (gateway, service):
            each.sendall(GET)
            assert answer_of(each).endswith(b"hello /")

        ending.process.terminate()

        assert service.recv(1) == b""
        gateway.sendall(GET)
        assert answer_of(gateway).endswith(b"hello /")


def test_other_services_are_answered_while_every_thread_of_the_gateway_waits(served: Served) -> None:
    with held(served):
        assert served.ask(address=1).endswith(b"hello /")


def test_a_request_whose_client_has_left_is_not_begun(served: Served) -> None:
    with held(served):
        leaving, client = served.client(), served.client()
        for each in (leaving, client):
            each.sendall(post("/note", 0, b""))
        leaving.close()

    assert answer_of(client).endswith(b"hello /note")
    assert served.notes.read_text() == "executed\n"


def test_gunicorn_logs_as_the_services_do(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        assert served.ask(b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")
    lines = [json.loads(line) for line in served.log().splitlines()]

    assert {"gunicorn.error"} == {line["logger"] for line in lines}
    assert any("nonsense" in line["message"] for line in lines)
