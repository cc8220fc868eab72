"""What gunicorn refuses, before Django sees it, is answered in the one failure shape."""

from __future__ import annotations

import http.client
import socket
from io import BytesIO
from urllib.parse import urlsplit

import pytest
import requests

from tests.conftest import GATEWAY_URL, failure_of

ADDRESS = urlsplit(GATEWAY_URL)


def send(line: bytes, *headers: bytes) -> requests.Response:
    """Send a request as it is written here; a client library would mend it first."""
    with socket.create_connection((ADDRESS.hostname, ADDRESS.port), timeout=20) as connection:
        connection.sendall(b"\r\n".join([line, b"Host: localhost", b"Connection: close", *headers, b"", b""]))
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.getheaders())
        response.raw = BytesIO(answer.read())
    return response


@pytest.mark.parametrize(
    ("line", "headers", "failure"),
    [
        (b"get /tasks HTTP/1.1", [], (400, "bad_request")),
        (b"GET /tasks?search=\xe9 HTTP/1.1", [], (400, "bad_request")),
        (b"GET /tasks HTTP/1.1", [b"Content-Type: application/json"] * 2, (400, "bad_request")),
        (b"GET /tasks HTTP/1.1", [b"X-Number: %d" % number for number in range(101)], (431, "headers_too_large")),
        (b"GET /tasks HTTP/1.1", [b"X-Long: " + b"x" * 9000], (431, "headers_too_large")),
    ],
    ids=["method in lower case", "address not encoded", "two content types", "101 headers", "long header"],
)
def test_what_gunicorn_refuses_is_a_failure_in_our_shape(
    line: bytes, headers: list[bytes], failure: tuple[int, str]
) -> None:
    response = send(line, *headers)

    assert failure_of(response) == failure
    assert response.headers["Content-Type"] == "application/json"


def test_a_refused_request_keeps_its_id() -> None:
    response = send(b"get /tasks HTTP/1.1", b"X-Request-ID: my-own.id_1")

    assert response.json()["request_id"] == response.headers["X-Request-ID"] == "my-own.id_1"
