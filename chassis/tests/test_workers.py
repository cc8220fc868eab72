from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from tests.serving import GET, Held, answer_of, hello, serving


def request(method: str = "GET", path: str = "/", *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: test", *headers, "", ""]).encode() + body


def app(*parts: bytes, status: str = "200 OK", headers: list[tuple[str, str]] | None = None) -> Any:
    """Return an application that answers with these parts."""

    def answering(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(status, headers or [])
        return parts

    return answering


def test_a_connection_serves_one_request_after_another() -> None:
    with serving(hello) as served:
        client = served.client()
        for path in ("/one", "/two"):
            client.sendall(request(path=path))
            answer = answer_of(client)

            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b"Connection: keep-alive\r\n" in answer
            assert answer.endswith(f"hello {path}".encode())


def test_requests_that_come_together_are_answered_in_their_order() -> None:
    with serving(hello) as served:
        client = served.client()
        client.sendall(request(path="/one") + request("GET", "/two", "Connection: close"))

        answers = b""
        while more := client.recv(65_536):
            answers += more

    assert [part.partition(b"HTTP")[0] for part in answers.split(b"hello ")[1:]] == [b"/one", b"/two"]


def test_other_services_are_answered_while_every_thread_of_the_gateway_waits() -> None:
    answered = threading.Event()

    def waiting(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/gateway":
            assert answered.wait(10)
        return hello(environ, start_response)

    with serving(waiting, addresses=2, threads=2) as served:
        gateway = [served.client(0) for _ in range(5)]
        for client in gateway:
            client.sendall(request(path="/gateway"))

        assert served.ask(request(path="/service"), address=1).endswith(b"hello /service")
        answered.set()
        assert all(answer_of(client).endswith(b"hello /gateway") for client in gateway)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(b"get nothing\r\n\r\n", b"400 Bad Request", id="no request line"),
        pytest.param(request("GET", "/", "Host: again"), b"400 Bad Request", id="two hosts"),
        pytest.param(request("GET", "/" + "x" * 5000), b"414 URI Too Long", id="a long line"),
    ],
)
def test_what_is_no_request_is_refused_and_ends_its_connection_alone(sent: bytes, status: bytes) -> None:
    with serving(hello) as served:
        assert served.ask(sent).startswith(b"HTTP/1.1 " + status)
        assert served.ask().endswith(b"hello /")


def failing(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    raise ValueError("of the application")


def failing_late(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [])
    yield from failing(environ, start_response)


@pytest.mark.parametrize("application", [failing, failing_late], ids=["at once", "before its first word"])
def test_an_application_that_fails_is_a_500(application: Any) -> None:
    with serving(application) as served:
        for _ in range(3):
            assert served.ask().startswith(b"HTTP/1.1 500 Internal Server Error")


def test_an_answer_that_breaks_off_ends_without_an_error_in_its_midst() -> None:
    closed = threading.Event()

    class Breaking:
        def __iter__(self) -> Iterator[bytes]:
            yield b"half"
            raise ValueError("of the application")

        def close(self) -> None:
            closed.set()

    def breaking(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Length", "8")])
        return Breaking()

    with serving(breaking) as served:
        answer = served.ask()

        assert answer.endswith(b"\r\n\r\nhalf")
        assert closed.is_set()
        assert "broke off" in served.worker.log.exception.call_args.args[0]


def test_a_client_that_has_gone_before_its_answer_is_no_error() -> None:
    held = Held()
    with serving(held) as served:
        client = served.client()
        client.sendall(GET)
        assert held.reached.wait(10)
        # Reset the connection, as a proxy does whose own client has gone.
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        held.go_on.set()

        assert served.has_connections(0)
        assert {name for name, *_ in served.worker.log.mock_calls} == {"debug"}
        assert served.ask().endswith(b"hello /")


def test_a_body_that_nobody_read_is_read_past() -> None:
    with serving(hello) as served:
        client = served.client()
        for path in ("/one", "/two"):
            client.sendall(request("POST", path, "Content-Length: 5", body=b"12345"))

            assert answer_of(client).endswith(f"hello {path}".encode())


def test_a_body_that_does_not_come_ends_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.workers.REST_SECONDS", 0.05)
    with serving(hello) as served:
        client = served.client()
        client.sendall(request("POST", "/", "Content-Length: 5", body=b"12"))

        assert answer_of(client).endswith(b"hello /")
        assert client.recv(1) == b""
        assert served.ask().endswith(b"hello /")


def test_one_system_call_sends_a_short_answer() -> None:
    sizes = []

    def spying(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        response = start_response.__self__  # type: ignore[attr-defined]  # Gunicorn gives a method of its response.
        send = response._send
        response._send = lambda data: (sizes.append(len(data)), send(data))
        return hello(environ, start_response)

    with serving(spying) as served:
        answer = served.ask()

    assert sizes == [len(answer)]


@pytest.mark.parametrize(
    ("method", "application", "body"),
    [
        pytest.param("HEAD", app(b"four", headers=[("Content-Length", "4")]), b"", id="HEAD"),
        pytest.param("GET", app(status="204 No Content"), b"", id="no content"),
        pytest.param("GET", app(headers=[("Content-Length", "0")]), b"", id="empty"),
        pytest.param("GET", app(b"one", b"two"), b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n", id="of unknown length"),
        pytest.param("GET", app(), b"0\r\n\r\n", id="of unknown length, empty"),
        pytest.param("GET", app(b"one", b"two", headers=[("Content-Length", "6")]), b"onetwo", id="in parts"),
    ],
)
def test_an_answer_is_framed_as_its_kind_is(method: str, application: Any, body: bytes) -> None:
    with serving(application) as served:
        answer = served.ask(request(method, "/", "Connection: close"))

    assert answer.partition(b"\r\n\r\n")[2] == body
    assert answer.count(b"HTTP/1.1") == 1


def test_a_request_under_way_is_answered_while_the_worker_stops() -> None:
    held = Held()
    with serving(held) as served:
        client = served.client()
        client.sendall(GET)
        assert held.reached.wait(10)
        served.begin_stop()
        assert not served.has_stopped(within=0.2)
        held.go_on.set()

        assert answer_of(client).endswith(b"hello /")
        client.close()
        assert served.has_stopped(within=10)


def test_a_request_on_an_idle_connection_is_the_last_one_of_a_worker_that_stops() -> None:
    with serving(hello) as served:
        client = served.client()
        client.sendall(GET)
        answer_of(client)
        served.begin_stop()
        client.sendall(GET)

        assert b"Connection: close\r\n" in answer_of(client)
        assert client.recv(1) == b""


def test_a_worker_that_stops_waits_no_longer_than_the_grace_for_a_request() -> None:
    held = Held()
    with serving(held, graceful_timeout=1) as served:
        client = served.client()
        client.sendall(GET)
        assert held.reached.wait(10)
        served.begin_stop()

        assert served.has_stopped(within=10)
        held.go_on.set()
        assert answer_of(client)
        client.close()
        assert served.has_connections(0)


def test_a_worker_ends_with_its_parent() -> None:
    with serving(hello) as served:
        served.worker.ppid = -1

        assert served.has_stopped(within=10)
