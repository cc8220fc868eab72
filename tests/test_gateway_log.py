"""What the gateway writes into its log about a request, whichever part of it writes."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Persona
from tests.local_stack import LocalStack
from tests.own_gateway import OwnGateway, Stub, own_gateway
from tests.waiting import eventually

SECRET = "private-words"
HEADERS = (
    "Authorization: Bearer private-words",
    "Cookie: session=private-words",
    "Idempotency-Key: private-words",
    "If-Match: private-words",
    "Referer: http://localhost/?search=private-words",
    "User-Agent: private-words",
    "X-Api-Key: private-words",
    "X-Service-Key: private-words",
)
LARGE = 32 * 1024 * 1024


class Behaviour(Stub):
    """A service that answers as the path says: with more than anybody reads, or with less than it promised."""

    def do_GET(self) -> None:  # noqa: N802  # The name that http.server calls.
        self.send_response(200)
        self.send_header("Content-Length", str(LARGE))
        self.end_headers()
        if "endless" in self.path:
            self._send_until_nobody_reads()

    def do_POST(self) -> None:  # noqa: N802  # This too.
        self.rfile.read(int(self.headers["Content-Length"]))

    def _send_until_nobody_reads(self) -> None:
        try:
            for _ in range(LARGE // 65_536):
                self.wfile.write(b"x" * 65_536)
        except OSError:
            return


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnGateway]:
    with own_gateway(Behaviour, tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


def start(gateway: OwnGateway, request: str, identifier: str, *headers: str) -> socket.socket:
    """Send the head of a request full of secrets, and return its connection."""
    lines = (f"{request} HTTP/1.1", "Host: localhost", f"X-Request-ID: {identifier}", *HEADERS, *headers, "", "")
    connection = socket.create_connection(gateway.address, timeout=20)
    connection.sendall("\r\n".join(lines).encode())
    return connection


def break_off(connection: socket.socket) -> None:
    """Reset a connection, as a client does that ends in the middle of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def lines_of(gateway: OwnGateway) -> list[dict[str, Any]]:
    return [json.loads(line) for line in gateway.log.splitlines()]


def access_line(gateway: OwnGateway, identifier: str) -> dict[str, Any]:
    """Wait for the access log's line of a request, and return it."""
    eventually(lambda: f'"request_id":"{identifier}"' in gateway.log, within=20)
    return next(line for line in lines_of(gateway) if line.get("request_id") == identifier)


def test_an_answer_that_the_client_breaks_off_is_logged_without_header_and_query(gateway: OwnGateway) -> None:
    connection = start(gateway, "GET /tasks/endless?search=private-words", "broken-off")
    assert connection.recv(1000)
    break_off(connection)

    line = access_line(gateway, "broken-off")
    assert (line["status"], line["request"]["method"], line["request"]["uri"]) == (200, "GET", "/tasks/endless")
    # The line this test is about: the proxy's own, beside that of the access log.
    assert any(each["msg"] == "aborting with incomplete response" for each in lines_of(gateway))
    assert SECRET not in gateway.log


def test_an_answer_that_the_service_breaks_off_is_logged_without_header_and_query(gateway: OwnGateway) -> None:
    with start(gateway, "GET /tasks/short?search=private-words", "short") as connection:
        while connection.recv(1000):
            pass

    access_line(gateway, "short")
    assert SECRET not in gateway.log


@pytest.mark.parametrize(
    ("request_line", "identifier"),
    [
        ("PUT /docs?search=private-words", "another-method"),
        (f"GET /tasks?search=private-words{'x' * 8000}", "too-long"),
        ("GET /nothing?search=private-words", "unknown"),
        ("POST /docs?search=private-words", "other-method"),
    ],
)
def test_what_the_gateway_refuses_is_logged_without_header_and_query(
    gateway: OwnGateway, request_line: str, identifier: str
) -> None:
    with start(gateway, request_line, identifier) as connection:
        connection.recv(1000)

    assert "?" not in access_line(gateway, identifier)["request"]["uri"]
    assert SECRET not in gateway.log


@pytest.mark.parametrize("identifier", ["unfinished-body", "unfinished-large-body"])
def test_a_body_that_never_ends_is_logged_without_header_and_query(gateway: OwnGateway, identifier: str) -> None:
    sent = 10 if identifier == "unfinished-body" else 1_000_000
    connection = start(gateway, "POST /tasks?search=private-words", identifier, "Content-Length: 1048576")
    connection.sendall(b"x" * sent)
    break_off(connection)

    assert access_line(gateway, identifier)["request"]["uri"] == "/tasks"
    assert SECRET not in gateway.log


def test_a_body_that_is_too_large_is_logged_without_header_and_query(gateway: OwnGateway) -> None:
    with start(gateway, "POST /tasks?search=private-words", "too-large", "Content-Length: 3000000") as connection:
        connection.sendall(b"x" * 2_000_000)
        assert b" 413 " in connection.recv(1000)

    assert access_line(gateway, "too-large")["status"] == 413
    assert SECRET not in gateway.log


def test_a_service_that_is_unreachable_is_logged_without_header_and_query(whole: LocalStack, alice: Persona) -> None:
    headers = {"X-Api-Key": SECRET, "Idempotency-Key": SECRET, "X-Request-ID": f"unreachable-{alice.id}"}
    whole.stop("task-svc")
    try:
        assert alice.client.get("/tasks", params={"search": SECRET}, headers=headers).status_code == 502
    finally:
        whole.start("task-svc")

    eventually(lambda: f"unreachable-{alice.id}" in whole.log("gateway"), within=5)
    assert SECRET not in whole.log("gateway")


@pytest.mark.parametrize("connection", ["close", "X-Request-ID"])
def test_the_gateway_and_the_service_log_one_request_id(alice: Persona, stack: LocalStack, connection: str) -> None:
    identifier = f"hop-{connection.lower()}-{alice.id}"

    response = alice.client.get("/tasks", headers={"X-Request-ID": identifier, "Connection": connection})

    assert response.headers["X-Request-ID"] == identifier
    eventually(lambda: all(identifier in stack.log(name) for name in ("gateway", "task-svc")), within=5)
