from __future__ import annotations

import json
from io import BytesIO
from typing import Any

from chassis.testing import failure_of
from chassis.wsgi import with_whole_bodies
from django.conf import LazySettings
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


def send_chunked(body: Chunks) -> Answered:
    """POST a chunked body to the application as gunicorn serves it."""
    request = RequestFactory().generic("POST", "/echo", b"", "application/json").environ
    request |= {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/json", "wsgi.input": body}
    request.pop("CONTENT_LENGTH", None)
    return Answered(with_whole_bodies(WSGIHandler(), LIMIT), request)


def test_a_chunked_body_is_read_whole() -> None:
    answered = send_chunked(Chunks(b'{"title": "in pieces"}'))

    assert (answered.status_code, answered.json()["data"]) == (201, {"title": "in pieces"})


def test_an_empty_chunked_body_is_no_body() -> None:
    assert send_chunked(Chunks(b"")).json()["data"] == {}


def test_a_chunked_body_of_the_allowed_size_is_read() -> None:
    assert send_chunked(Chunks(b'"' + b"a" * (LIMIT - 2) + b'"')).status_code == 201


def test_a_chunked_body_beyond_the_allowed_size_is_a_413_and_not_read_further() -> None:
    body = Chunks(b"a" * (3 * LIMIT))

    assert failure_of(send_chunked(body)) == (413, "payload_too_large")
    assert body.taken == LIMIT + 1


def test_a_body_of_known_length_is_left_alone(settings: LazySettings) -> None:
    body = Chunks(b'{"a": 1}')
    environ = RequestFactory().generic("POST", "/echo", b"", "application/json").environ
    environ |= {"CONTENT_LENGTH": "8", "wsgi.input": body}
    seen: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        seen.append(environ["wsgi.input"])
        return []

    with_whole_bodies(application, LIMIT)(environ, lambda *_: None)

    assert seen == [body]
    assert body.taken == 0
