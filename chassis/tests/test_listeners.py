from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from chassis.listeners import Listener

from tests.conftest import Clock
from tests.serving import GET, Held, answer_of, hello, serving


def closing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer at length and end the connection, whatever of the request is still to come."""
    start_response("200 OK", [("Content-Length", "300000")])
    return [b"x" * 300_000]


def is_ended(client: socket.socket) -> bool:
    return client.recv(1) == b""


def test_connections_without_a_request_hold_no_thread() -> None:
    with serving(hello, threads=1) as served:
        for _ in range(20):
            served.client()

        assert served.ask().endswith(b"hello /")


def test_connections_are_accepted_while_every_thread_is_busy() -> None:
    held = Held()
    with serving(held) as served:
        clients = [served.client() for _ in range(10)]
        clients[0].sendall(GET)
        assert held.reached.wait(10)
        clients += [served.client() for _ in range(10)]

        assert served.has_connections(20)
        held.go_on.set()
        assert answer_of(clients[0])


@pytest.mark.parametrize("first", [b"", GET], ids=["without a request", "after one"])
def test_a_connection_ends_when_it_was_idle_too_long(
    first: bytes, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.listeners.monotonic", clock.monotonic)
    with serving(hello, keepalive=75) as served:
        client = served.client()
        client.sendall(first)
        assert not first or answer_of(client)
        assert served.ask()  # By now the first connection is accepted and idle.
        clock.advance(60)
        client.settimeout(1.5)  # Longer than a worker goes without a look.
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(10)
        clock.advance(20)

        assert is_ended(client)


def test_no_more_connections_are_accepted_than_allowed() -> None:
    with serving(hello, worker_connections=2) as served:
        first, second, third = served.client(), served.client(), served.client()
        for client in (first, second):
            client.sendall(GET)
            assert answer_of(client)
        third.sendall(GET)
        third.settimeout(0.3)
        with pytest.raises(TimeoutError):
            third.recv(1)

        first.close()

        third.settimeout(10)
        assert answer_of(third).endswith(b"hello /")


def test_a_client_that_still_sends_gets_the_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.workers.REST_SECONDS", 0.05)
    with serving(closing) as served:
        client = served.client()
        client.sendall(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 200000\r\n\r\n" + b"y" * 50_000)
        answer = answer_of(client)
        client.sendall(b"y" * 1000)

        assert answer.endswith(b"x" * 300_000)
        assert is_ended(client)


def test_a_client_that_takes_no_leave_is_left(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.listeners.monotonic", clock.monotonic)
    with serving(hello) as served:
        client = served.client()
        client.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer_of(client)
        assert is_ended(client)
        clock.advance(3)

        assert served.has_connections(0)


def test_a_client_that_resets_its_connection_is_forgotten() -> None:
    with serving(hello) as served:
        client = served.client()
        client.sendall(GET)
        answer_of(client)
        reset(client)

        assert served.has_connections(0)


def test_a_client_that_resets_while_it_leaves_is_forgotten() -> None:
    with serving(hello) as served:
        client = served.client()
        client.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        answer_of(client)
        assert is_ended(client)
        reset(client)

        assert served.has_connections(0)


def test_a_connection_that_another_worker_took_is_none() -> None:
    with serving(hello) as served:
        served.ask()

        served.worker.listeners[0].accept()

        assert served.ask().endswith(b"hello /")


# The thread's exception is the subject; pytest would report it as one that nobody handles.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_worker_that_lacks_a_thread_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(self: Listener, *args: Any) -> None:
        raise RuntimeError("a fault of the listener")

    monkeypatch.setattr(Listener, "_attend", fault)
    with serving(hello, graceful_timeout=1) as served:
        served.client().sendall(GET)

        assert served.has_stopped(within=10)


def reset(client: socket.socket) -> None:
    """Close a connection by a reset (RST) instead of its end (FIN)."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
