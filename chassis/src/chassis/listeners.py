"""The addresses of a worker: their connections, and the threads that wait for requests on them."""

from __future__ import annotations

import math
import select
import socket
import threading
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chassis.workers import Worker

# An event goes to one thread; until that thread asks for the next, the connection is its own.
READABLE = select.EPOLLIN | select.EPOLLONESHOT
# How many seconds a client has to take note that its connection ends, and to send once more while the worker stops.
LEAVING_SECONDS = 2.0


class Connection:
    """A client's connection, and the monotonic instant at which it ends if it is idle until then."""

    def __init__(self, accepted: socket.socket, client: Any, server: Any) -> None:
        # What is there to be read, a thread reads whole; until then no thread waits for it.
        accepted.setblocking(True)
        self.socket = accepted
        self.client = client
        self.server = server
        self.parser: Any = None
        self.leaving = False
        self.idle_until = math.inf


class Listener:
    """One address, its connections (`most` of them at once), and the threads that answer them.

    A connection without a request holds no thread. Only the thread that has a connection's event closes it; who wants
    an idle one to end makes it readable, with nothing to read.
    """

    def __init__(self, worker: Worker, listening: Any, *, threads: int, most: int) -> None:
        self.connections: dict[int, Connection] = {}
        self._worker = worker
        self._socket = listening
        self._threads = threads
        self._most = most
        self._address = listening.getsockname()
        self._epoll = select.epoll()

    @property
    def is_full(self) -> bool:
        return len(self.connections) >= self._most

    def fileno(self) -> int:
        file: int = self._socket.fileno()
        return file

    def start(self) -> None:
        self._socket.setblocking(False)
        for _ in range(self._threads):
            threading.Thread(target=self._serve, daemon=True).start()

    def accept(self) -> None:
        """Accept a connection, unless another worker was faster or the client has left."""
        with suppress(BlockingIOError, ConnectionAbortedError):
            accepted, client = self._socket.accept()
            connection = Connection(accepted, client, self._address)
            connection.idle_until = monotonic() + self._worker.cfg.keepalive
            self.connections[accepted.fileno()] = connection
            self._epoll.register(accepted, READABLE)

    def end_idle(self) -> None:
        """End the connections that were idle for too long; while the worker stops, that is soon."""
        now = monotonic()
        for connection in [*self.connections.values()]:
            if not self._worker.alive and connection.idle_until < math.inf:
                connection.idle_until = min(connection.idle_until, now + LEAVING_SECONDS)
            if connection.idle_until <= now:
                # Its thread may have closed it meanwhile.
                with suppress(OSError):
                    connection.socket.shutdown(socket.SHUT_RD)

    def _serve(self) -> None:
        try:
            while True:
                for file, _ in self._epoll.poll(maxevents=1):
                    self._attend(file, self.connections[file])
        finally:
            # No request ends a thread, only a fault of this module: the arbiter replaces the worker.
            self._worker.alive = False

    def _attend(self, file: int, connection: Connection) -> None:
        attend = self._take_leave if connection.leaving else self._answer
        if attend(connection):
            self._epoll.modify(file, READABLE)
        else:
            del self.connections[file]
            connection.socket.close()

    def _answer(self, connection: Connection) -> bool:
        """Answer a request, and those that were read with it; tell whether there is more to wait for."""
        connection.idle_until = math.inf
        keep = self._worker.answer(connection)
        while keep and connection.parser.unreader.buf.getvalue():
            keep = self._worker.answer(connection)
        connection.idle_until = monotonic() + self._worker.cfg.keepalive
        return keep or self._begin_leave(connection)

    def _begin_leave(self, connection: Connection) -> bool:
        """Send the end, and wait for the client's (RFC 9112, section 9.6).

        Closed at once, a connection that still receives is reset, and the client may lose the answer.
        """
        connection.leaving = True
        connection.idle_until = monotonic() + LEAVING_SECONDS
        try:
            connection.socket.shutdown(socket.SHUT_WR)
        except OSError:
            return False
        return True

    def _take_leave(self, connection: Connection) -> bool:
        """Read past what the client still sends; tell whether its end is to be waited for."""
        try:
            return bool(connection.socket.recv(65_536)) and monotonic() < connection.idle_until
        except OSError:
            return False
