"""Before Django: the body of a request is read whole, and a request whose client has left is dropped."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_whole_bodies(application: Application, limit: int) -> Application:
    """Read bodies of up to `limit` bytes before Django runs, and one byte more of a longer one of unknown length.

    A refusal that came before the body was read would leave the rest of it on the connection, which then has to be
    closed, and the next request on it, another client's, would fail. Django takes a chunked body (RFC 9112,
    section 7.1) for an empty one unless its length is known.
    """

    def whole(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        is_chunked = "HTTP_TRANSFER_ENCODING" in environ and not environ.get("CONTENT_LENGTH")
        if is_chunked or 0 < int(environ.get("CONTENT_LENGTH") or 0) <= limit:
            body = environ["wsgi.input"].read(limit + 1)
            environ["wsgi.input"] = BytesIO(body)
            if is_chunked:
                environ["CONTENT_LENGTH"] = str(len(body))
        if client_has_left(environ["gunicorn.socket"]):
            # Gunicorn takes this error number for what it is: no fault of the service.
            raise ConnectionResetError(errno.ECONNRESET, "The client has left before its request was begun.")
        return application(environ, start_response)

    return whole


def client_has_left(connection: socket.socket) -> bool:
    """Return whether the client has closed its connection, as the gateway does when its own client leaves."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
