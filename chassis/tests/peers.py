"""Another service as a socket shows it: well-behaved, slow, broken or hostile."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from chassis import contracts


@dataclass(frozen=True)
class Received:
    """A request as it arrived; `number` counts those of its connection from 1."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    number: int

    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """One client's connection to a peer."""

    def __init__(self, connected: socket.socket, stopping: threading.Event) -> None:
        self.socket = connected
        self.stopping = stopping
        self.reader = connected.makefile("rb")
        self.open = True

    def receive(self, number: int, *, read_body: bool) -> Received | None:
        """Read one request, or only its head; None when the client has gone."""
        start = self.reader.readline().decode().split()
        if len(start) != 3:
            return None
        headers = {}
        while line := self.reader.readline().decode().strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = self.reader.read(int(headers.get("content-length", 0))) if read_body else b""
        return Received(start[0], start[1], headers, body, number)

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def wait(self, seconds: float) -> bool:
        """Let time pass; False once the peer is stopping."""
        return not self.stopping.wait(seconds)

    def hang_up(self) -> None:
        self.open = False


Behaviour = Callable[[Connection, Received], None]


class Peer:
    """A server on a real socket. `behave` decides what it does with a request, and may change at any time."""

    def __init__(self, listener: socket.socket | None = None) -> None:
        self.behave: Behaviour = reply({})
        self.requests: list[Received] = []
        self.connections = 0
        self.read_bodies = True
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._listener = listener or socket.create_server(("127.0.0.1", 0))
        host, port = self._listener.getsockname()
        self.url = f"http://{host}:{port}"

    def __enter__(self) -> Self:
        self._start(self._listen)
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Close every connection and refuse new ones."""
        self._stopping.set()
        for each in (self._listener, *self._sockets):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                # The other side was faster.
                continue
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

    def _start(self, target: Callable[..., None], *arguments: Any) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _listen(self) -> None:
        while not self._stopping.is_set():
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(connected)
            self._start(self._serve, connected)

    def _serve(self, connected: socket.socket) -> None:
        connection = Connection(connected, self._stopping)
        number = 0
        with connected, connection.reader:
            while connection.open:
                number += 1
                try:
                    received = connection.receive(number, read_body=self.read_bodies)
                    if received is None:
                        return
                    self.requests.append(received)
                    self.behave(connection, received)
                except OSError:
                    return


def reply(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Behaviour:
    """Answer with JSON, or with bytes as they are, over a connection that stays open."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    answer = f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + content

    def behave(connection: Connection, received: Received) -> None:
        connection.send(answer)

    return behave


def raw(answer: bytes) -> Behaviour:
    """Write these bytes and hang up."""

    def behave(connection: Connection, received: Received) -> None:
        connection.send(answer)
        connection.hang_up()

    return behave


def hang_up(connection: Connection, received: Received) -> None:
    """Close the connection instead of answering."""
    connection.hang_up()


# Break off in the middle of an answer: a failed connection that is not tried again.
break_off = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"success": true}')


def silence(connection: Connection, received: Received) -> None:
    """Never answer."""
    connection.wait(60)


def drip(status: int = 200, header: str = "X-Thing: a") -> Behaviour:
    """Promise a body, and send a byte of it now and then."""
    return slowly(
        b" " * 100_000, at_once=f"HTTP/1.1 {status} Said\r\n{header}\r\nContent-Length: 100000\r\n\r\n".encode()
    )


def slowly(answer: bytes, at_once: bytes = b"") -> Behaviour:
    """Send one part of an answer, and the other byte by byte."""

    def behave(connection: Connection, received: Received) -> None:
        connection.send(at_once)
        # For five seconds, so that a client without a time limit fails a test instead of hanging it.
        for byte in answer[:250]:
            if connection.wait(0.02):
                connection.send(bytes([byte]))
        connection.hang_up()

    return behave


def drip_head(connection: Connection, received: Received) -> None:
    """Send a byte of a header now and then, for five seconds at most."""
    connection.send(b"HTTP/1.1 200 Said\r\nX-Thing: ")
    for _ in range(250):
        if connection.wait(0.02):
            connection.send(b"a")
    connection.hang_up()


def later(seconds: float, behaviour: Behaviour) -> Behaviour:
    """Do something, but take time for it."""

    def behave(connection: Connection, received: Received) -> None:
        if connection.wait(seconds):
            behaviour(connection, received)

    return behave


def once_a_connection(behaviour: Behaviour) -> Behaviour:
    """Serve the first request of a connection, and hang up on the second: what keep-alive risks."""

    def behave(connection: Connection, received: Received) -> None:
        (behaviour if received.number == 1 else hang_up)(connection, received)

    return behave


def held(entered: threading.Event, release: threading.Event, behaviour: Behaviour) -> Behaviour:
    """Say that a request has come, and serve it when told to."""

    def behave(connection: Connection, received: Received) -> None:
        entered.set()
        release.wait(10)
        behaviour(connection, received)

    return behave


def identity(expires_in: float = 3600, **changes: Any) -> dict[str, Any]:
    """Return what auth_svc says of alice."""
    now = datetime.now(UTC)
    facts = {
        "user_id": str(uuid4()),
        "email": "alice@example.com",
        "is_active": True,
        "is_staff": False,
        "created_at": now.isoformat(),
        "expires_at": (now + timedelta(seconds=expires_in)).isoformat(),
    }
    return facts | changes


def vouch(max_age: int | None = None, **changes: Any) -> Behaviour:
    """Answer as auth_svc does for a good token."""
    headers = {} if max_age is None else {"Cache-Control": f"private, max-age={max_age}"}
    return reply(contracts.success(identity(**changes), "OK"), headers=headers)


def refuse(code: str = "token_invalid", status: int = 401) -> Behaviour:
    """Answer as auth_svc does for a bad token, or for something else that is wrong."""
    return reply(contracts.failure(code, "No."), status)
