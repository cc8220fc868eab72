from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from chassis.testing import failure_of
from chassis.wsgi import with_whole_bodies
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

LIMIT = 1024 * 1024


class Chunks(BytesIO):
    """A body of unknown length, as gunicorn hands it over; it counts what was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data


class Answered:
    """What a WSGI application answered."""

    def __init__(self, application: Any, environ: dict[str, Any]) -> None:
        self.status_code = 0
        self.headers: dict[str, str] = {}
        self.content = b"".join(application(environ, self._start))

    def _start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> None:
        self.status_code = int(status[:3])
        self.headers = dict(headers)

    def json(self) -> Any:
        return json.loads(self.content)


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    """The service's end of a client's connection; the client is still there."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours


def send_chunked(body: Chunks, connection: socket.socket) -> Answered:
    """POST a chunked body to the application as gunicorn serves it."""
    request = RequestFactory().generic("POST", "/echo", b"", "application/json").environ
    request |= {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/json", "wsgi.input": body}
    request["gunicorn.socket"] = connection
    request.pop("CONTENT_LENGTH", None)
    return Answered(with_whole_bodies(WSGIHandler(), LIMIT), request)


def test_a_chunked_body_is_read_whole(connection: socket.socket) -> None:
    answered = send_chunked(Chunks(b'{"title": "in pieces"}'), connection)

    assert (answered.status_code, answered.json()["data"]) == (201, {"title": "in pieces"})


def test_an_empty_chunked_body_is_no_body(connection: socket.socket) -> None:
    assert send_chunked(Chunks(b""), connection).json()["data"] == {}


def test_a_chunked_body_of_the_allowed_size_is_read(connection: socket.socket) -> None:
    assert send_chunked(Chunks(b'"' + b"a" * (LIMIT - 2) + b'"'), connection).status_code == 201


def test_a_chunked_body_beyond_the_allowed_size_is_a_413_and_not_read_further(connection: socket.socket) -> None:
    body = Chunks(b"a" * (3 * LIMIT))

    assert failure_of(send_chunked(body, connection)) == (413, "payload_too_large")
    assert body.taken == LIMIT + 1


def send_known(length: int, body: Chunks, connection: socket.socket) -> list[Any]:
    """POST a body of known length; return what the application finds as the request's input."""
    environ = {"CONTENT_LENGTH": str(length), "wsgi.input": body, "gunicorn.socket": connection}
    seen: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["wsgi.input"])
        return []

    with_whole_bodies(application, LIMIT)(environ, lambda *_: None)
    return seen


def test_a_body_of_known_length_is_read_before_anything_else(connection: socket.socket) -> None:
    body = Chunks(b'{"a": 1}')

    [given] = send_known(8, body, connection)

    assert body.taken == 8
    assert given.read() == b'{"a": 1}'


def test_a_body_that_is_declared_too_large_is_not_read(connection: socket.socket) -> None:
    body = Chunks(b"a" * (LIMIT + 1))

    assert send_known(LIMIT + 1, body, connection) == [body]
    assert body.taken == 0


def test_nothing_is_done_for_a_client_that_has_left() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours, pytest.raises(ConnectionResetError):
        send_known(0, Chunks(b""), ours)
