"""A deadline for a call as a whole: a timeout of sockets starts anew with every byte that comes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any, Self

from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

_ends: ContextVar[float] = ContextVar("ends")


@contextmanager
def deadline_in(seconds: float) -> Iterator[None]:
    """Limit what is done inside the block to so many seconds."""
    token = _ends.set(monotonic() + seconds)
    try:
        yield
    finally:
        _ends.reset(token)


def seconds_left() -> float:
    """Return how many seconds are left until the deadline; raise TimeoutError if there are none."""
    left = _ends.get() - monotonic()
    if left <= 0:
        raise TimeoutError("the deadline has passed")
    return left


class DeadlineSocket(socket.socket):
    """A connected socket that neither sends nor receives after the deadline."""

    @classmethod
    def taking_over(cls, connected: socket.socket) -> Self:
        return cls(connected.family, connected.type, connected.proto, connected.detach())

    def recv_into(self, *args: Any) -> int:
        self.settimeout(seconds_left())
        return super().recv_into(*args)

    def sendall(self, *args: Any) -> None:
        # Its timeout is for all of the data.
        self.settimeout(seconds_left())
        super().sendall(*args)


class DeadlineConnection(HTTPConnection):
    """A connection over such a socket."""

    sock: socket.socket

    def connect(self) -> None:
        super().connect()
        self.sock = DeadlineSocket.taking_over(self.sock)


class DeadlineConnectionPool(HTTPConnectionPool):
    """Keep-alive connections over such sockets."""

    ConnectionCls = DeadlineConnection
