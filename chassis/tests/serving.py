"""Workers of gunicorn that serve in threads of the test's process, on sockets of their own."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import Mock

from chassis.listeners import Connection
from chassis.workers import Worker
from gunicorn.config import Config

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


class Served:
    """A running worker, and clients of its addresses."""

    def __init__(self, application: Application, addresses: int, settings: dict[str, Any]) -> None:
        config = Config()
        for name, value in {"threads": 1, "keepalive": 75, **settings}.items():
            config.set(name, value)
        self.sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(addresses)]
        self.worker = Worker(1, os.getppid(), self.sockets, None, 30, config, Mock())
        self.worker.wsgi = application
        self.worker.PIPE = os.pipe()
        self.clients: list[socket.socket] = []
        self._thread = threading.Thread(target=self.worker.run)

    def start(self) -> None:
        self._thread.start()

    def client(self, address: int = 0) -> socket.socket:
        """Return a connection whose reads fail after ten seconds."""
        client = socket.create_connection(self.sockets[address].getsockname(), timeout=10)
        self.clients.append(client)
        return client

    def ask(self, request: bytes = GET, address: int = 0) -> bytes:
        """Return the whole answer to a request on a connection of its own."""
        client = self.client(address)
        client.sendall(request)
        return answer_of(client)

    def has_connections(self, count: int) -> bool:
        """Wait for ten seconds at most until there are so many; tell whether that came."""
        ends = time.monotonic() + 10
        while len(self._connections()) != count and time.monotonic() < ends:
            time.sleep(0.01)  # Between two looks at what is awaited here.
        return len(self._connections()) == count

    def _connections(self) -> list[Connection]:
        return [each for listener in self.worker.listeners for each in [*listener.connections.values()]]

    def begin_stop(self) -> None:
        """Do what a signal does: note it, and write to the pipe."""
        self.worker.handle_exit(None, None)
        os.write(self.worker.PIPE[1], b"\0")

    def has_stopped(self, within: float) -> bool:
        self._thread.join(within)
        return not self._thread.is_alive()

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.begin_stop()
        self._thread.join(20)
        for connection in self._connections():
            connection.socket.close()
        for listening in self.sockets:
            listening.close()
        for end in self.worker.PIPE:
            os.close(end)
        self.worker.tmp.close()


@contextmanager
def serving(application: Application, *, addresses: int = 1, **settings: Any) -> Iterator[Served]:
    served = Served(application, addresses, settings)
    served.start()
    try:
        yield served
    finally:
        served.close()


def answer_of(client: socket.socket) -> bytes:
    """Read an answer of known length, or to the end of the connection."""
    answer = b""
    while True:
        head, _, body = answer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if length and len(body) >= int(length):
            return answer
        more = client.recv(65_536)
        if not more:
            return answer
        answer += more


def hello(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the path, and read no body."""
    text = f"hello {environ['PATH_INFO']}".encode()
    start_response("200 OK", [("Content-Length", str(len(text)))])
    return [text]


class Held:
    """An application that has `reached` a request, and answers when it is let go on."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.reached.set()
        assert self.go_on.wait(20)
        return hello(environ, start_response)
