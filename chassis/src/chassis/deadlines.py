"""A deadline for a whole call to another service, however slowly the bytes of its answer come."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any

from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

_deadline: ContextVar[float] = ContextVar("deadline")


@contextmanager
def call_ends_in(seconds: float) -> Iterator[None]:
    """Let what this thread reads within the block end after so many seconds."""
    given = _deadline.set(monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(given)


def seconds_left() -> float:
    """Return the seconds until the deadline; never none at all, which a socket takes for "no timeout"."""
    return max(0.001, _deadline.get() - monotonic())


class DeadlineSocket(socket.socket):
    """A socket on which nothing is read beyond the deadline; a timeout alone begins anew with every byte."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(seconds_left())
        return super().recv_into(*args, **kwargs)


class DeadlineConnection(HTTPConnection):
    """A connection over a DeadlineSocket."""

    def connect(self) -> None:
        super().connect()
        self.sock = DeadlineSocket(fileno=self.sock.detach())


class DeadlinePool(HTTPConnectionPool):
    """A pool of connections that keep to the deadline."""

    ConnectionCls = DeadlineConnection
