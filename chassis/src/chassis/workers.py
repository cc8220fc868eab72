"""The gunicorn worker of every service: its arbiter, parser and WSGI environment, under threads of our own."""

from __future__ import annotations

import os
import select
from time import monotonic
from typing import Any

from gunicorn.http import RequestParser, wsgi
from gunicorn.http.body import LengthReader
from gunicorn.http.errors import NoMoreData
from gunicorn.workers.base import Worker as BaseWorker

from chassis.listeners import Connection, Listener

# How many seconds a request's body, of which the application has not read all, may still take to come.
REST_SECONDS = 1.0


class Worker(BaseWorker):  # type: ignore[misc]  # Gunicorn ships no types.
    """Answers each address with threads of its own, every one of which takes the next request from the kernel itself.

    In gunicorn's threaded worker one thread waits for all connections; it hands each request to a pool and is handed
    the connection back. Under load its threads spend a fifth of their time on passing the interpreter to each other.

    A request from outside may wait for another service. If the same threads answered both, two services under load
    would wait for each other with every thread that they have, until all those calls had failed.
    """

    alive: bool
    listeners: list[Listener]

    def run(self) -> None:
        most = self.cfg.worker_connections // len(self.sockets)
        self.listeners = [Listener(self, each, threads=self.cfg.threads, most=most) for each in self.sockets]
        for listener in self.listeners:
            listener.start()
        while self.alive and self.ppid == os.getppid():
            self._wait([each for each in self.listeners if not each.is_full], 1.0)
        self.alive = False
        ends = monotonic() + self.cfg.graceful_timeout
        while any(listener.connections for listener in self.listeners) and monotonic() < ends:
            self._wait([], 0.05)

    def _wait(self, accepting: list[Listener], seconds: float) -> None:
        """Tell the arbiter that this process lives; accept connections, or take note of a signal, when they come.

        The other threads would accept when they have nothing else to do, and let who connects wait for that.
        """
        self.notify()
        for ready in select.select([*self.PIPE[:1], *accepting], [], [], seconds)[0]:
            if isinstance(ready, Listener):
                ready.accept()
            else:
                os.read(ready, 1024)
        for listener in self.listeners:
            listener.end_idle()

    def answer(self, connection: Connection) -> bool:
        """Answer the next request of a connection; tell whether another may follow."""
        if connection.parser is None:
            connection.parser = RequestParser(self.cfg, connection.socket, connection.client)
        request = None
        try:
            request = next(connection.parser)
            return self._respond(request, connection) and self._is_read(request, connection.parser)
        except (StopIteration, NoMoreData, ConnectionError):
            # The client has gone.
            return False
        except Exception as error:  # noqa: BLE001  # What is wrong with one request ends no thread.
            self.handle_error(request, connection.socket, connection.client, error)
            return False

    def _respond(self, request: Any, connection: Connection) -> bool:
        self.cfg.pre_request(self, request)
        place = (connection.socket, connection.client, connection.server)
        response, environ = wsgi.create(request, *place, self.cfg, response_class=Response)
        environ["wsgi.multithread"] = True
        self.nr += 1
        if not self.alive:
            response.force_close()
        parts = self.wsgi(environ, response.start_response)
        try:
            for part in parts:
                response.write(part)
            response.close()
        except ConnectionError:
            # The client has gone: that is no fault of anybody's here.
            return False
        except Exception:
            if not response.begun:
                raise
            # An error in the midst of an answer would look like a part of it.
            self.log.exception("The answer to %s %s broke off.", request.method, request.path)
            return False
        finally:
            if hasattr(parts, "close"):
                parts.close()
        return not response.should_close()

    def _is_read(self, request: Any, parser: Any) -> bool:
        """Read what is left of the request; tell whether that was possible."""
        reader = request.body.reader
        if isinstance(reader, LengthReader) and not reader.length:
            return True
        return bool(parser.finish_body(deadline=monotonic() + REST_SECONDS))


class Response(wsgi.Response):  # type: ignore[misc]  # Gunicorn ships no types.
    """Sends the head together with the first part of the body, where gunicorn's sends each by itself."""

    headers_sent: bool
    begun = False
    _head = b""

    def send_headers(self) -> None:
        if not self.headers_sent:
            lines = [*self.default_headers(), *(f"{name}: {value}\r\n" for name, value in self.headers), "\r\n"]
            self._head = "".join(lines).encode("latin-1")
            self.headers_sent = True

    def _emit_body(self, data: bytes) -> None:
        if self.chunked:
            data = b"%X\r\n%b\r\n" % (len(data), data)
        self._send(self._head + data)

    def _send(self, data: bytes) -> None:
        self.begun = True
        self._head = b""
        self.sock.sendall(data)

    def close(self) -> None:
        self.send_headers()
        end = b"0\r\n\r\n" if self.chunked else b""
        if self._head or end:
            self._send(self._head + end)
