"""Clients that read slowly, or not at all, hold nothing that others need."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import GATEWAY_URL, Persona
from tests.own_gateway import Stub, own_gateway
from tests.waiting import eventually

ADDRESS = (urlsplit(GATEWAY_URL).hostname or "", urlsplit(GATEWAY_URL).port or 80)
# More than the threads of a service, however it is set up here.
READERS = 24
SWAGGER = "static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js"
# What a service answers with at most, in pieces of which the first alone is more than a mebibyte.
FIRST, SECOND = 1_060_000, 90_000


def ask_and_read_nothing(address: tuple[str, int], path: str, token: str = "") -> socket.socket:
    """Send a request through a connection that has room for hardly anything of the answer."""
    connection = socket.socket()
    connection.settimeout(20)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    connection.connect(address)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    return connection


def assert_everything_is_answered(persona: Persona) -> None:
    for path in ("/tasks?page_size=1", "/auth/me", "/users/me"):
        assert persona.client.get(path).status_code == 200, path


@pytest.fixture
def reader(bob: Persona) -> Persona:
    """Bob, with a page of tasks of nearly a mebibyte."""
    task = {"title": "long", "description": "x" * 10_000}
    for _ in range(2):
        # One body may not be larger than what 100 such tasks need.
        assert bob.client.post("/tasks/bulk", json=[task] * 50).status_code == 201
    return bob


@contextmanager
def readers_of(token: str, *paths: str) -> Iterator[None]:
    """Let many clients ask for each path and read nothing."""
    with ExitStack() as connections:
        for path in paths:
            for _ in range(READERS):
                connections.enter_context(ask_and_read_nothing(ADDRESS, path, token))
        yield


def test_readers_of_large_answers_hold_no_thread_of_a_service(reader: Persona, alice: Persona) -> None:
    with readers_of(reader.token, "/tasks?page_size=100", "/users/me/tasks", f"/users/users/{reader.id}/tasks"):
        assert_everything_is_answered(alice)


def test_readers_of_static_files_hold_no_thread_of_a_service(alice: Persona) -> None:
    with readers_of("", *(f"/{prefix}/{SWAGGER}" for prefix in ("auth", "tasks", "users"))):
        assert_everything_is_answered(alice)


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """Return a frame of HTTP/2 (RFC 9113, section 4.1)."""
    return struct.pack("!I", len(payload))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + payload


def header(name: bytes, value: bytes) -> bytes:
    """Return a header as HPACK writes it without any compression (RFC 7541, section 6.2.2)."""
    return bytes([0, len(name)]) + name + bytes([len(value)]) + value


def streams_without_a_window() -> bytes:
    """Return a connection of HTTP/2 with 240 requests whose answers may have no byte of a body."""
    settings = frame(4, 0, 0, struct.pack("!HI", 4, 0))
    common = header(b":method", b"GET") + header(b":scheme", b"http") + header(b":authority", b"localhost")
    paths = [f"/{prefix}/{SWAGGER}".encode() for prefix in ("auth", "tasks", "users")]
    requests = [frame(1, 5, 2 * n + 1, common + header(b":path", paths[n % 3])) for n in range(240)]
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + b"".join(requests)


def test_nobody_has_many_streams_in_one_cleartext_connection(alice: Persona) -> None:
    with socket.create_connection(ADDRESS, timeout=20) as connection:
        connection.sendall(streams_without_a_window())
        try:
            answer = connection.recv(1000)
        except ConnectionResetError:
            answer = b""

        # A server that speaks HTTP/2 begins with its settings.
        assert not answer or answer.startswith(b"HTTP/1.1 4")
        assert_everything_is_answered(alice)


class InTwoPieces(Stub):
    """A service whose answer is as long as answers get, and that waits before its end."""

    may_end = threading.Event()
    first_sent = threading.Event()

    def do_GET(self) -> None:  # noqa: N802  # The name that http.server calls.
        self.send_response(200)
        self.send_header("Content-Length", str(FIRST + SECOND))
        self.end_headers()
        self.wfile.write(b"x" * FIRST)
        self.first_sent.set()
        self.may_end.wait(20)
        self.wfile.write(b"x" * SECOND)


def test_the_longest_answer_is_taken_from_the_service_before_a_client_gets_any_of_it(tmp_path: Path) -> None:
    with (
        own_gateway(InTwoPieces, tmp_path) as gateway,
        ask_and_read_nothing(gateway.address, "/tasks") as connection,
    ):
        assert InTwoPieces.first_sent.wait(20)
        # Time enough for the gateway to hand on what it does not keep.
        early = select.select([connection], [], [], 1)[0]
        InTwoPieces.may_end.set()

        assert not early
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")


class Endless(Stub):
    """A service that answers with more than any buffer holds."""

    def do_GET(self) -> None:  # noqa: N802  # The name that http.server calls.
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b"x" * 65_536)
        except OSError:
            return


def test_a_client_that_reads_nothing_is_given_up(tmp_path: Path) -> None:
    with (
        own_gateway(Endless, tmp_path, {"write_idle 15s": "write_idle 1s"}) as gateway,
        ask_and_read_nothing(gateway.address, "/tasks"),
    ):
        eventually(lambda: "i/o timeout" in gateway.log, within=20)
