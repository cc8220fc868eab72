"""Gunicorn's threaded worker with a bulkhead, a pool of threads for each address, and an end that cuts nobody off."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import _DEFER, STOP_KEEPALIVE_LINGER, ThreadWorker

from chassis.metrics import active

# How long a new connection may hold a thread before its first request comes; then it is put aside.
FIRST_BYTE_SECONDS = 0.05


class Worker(ThreadWorker):  # type: ignore[misc]  # Gunicorn ships no types.
    """Keeps threads for the other services, whatever the gateway sends.

    A request from outside may wait for another service. If the same threads answered both, two services under load
    would wait for each other with every thread that they have, until all those calls had failed.
    """

    # When the number of its requests is shown again.
    _shows_at = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The first address is the gateway's.
        self._gateway = next((each.getsockname() for each in self.sockets), None)

    def notify(self) -> None:
        """Send the heartbeat, and about once a second show how many requests are being answered."""
        super().notify()
        if monotonic() >= self._shows_at:
            self._shows_at = monotonic() + 1
            active.show()

    def get_thread_pool(self) -> Executor:
        return PoolPerAddress([each.getsockname() for each in self.sockets], self.cfg.threads)

    def set_accept_enabled(self, enabled: bool) -> None:
        """Stop listening as a worker ends: gunicorn's own leaves clients in the queue of a socket that nobody reads.

        They would be cut off when the process has ended, with what they had sent. A refused connection has sent
        nothing, so its client may try again.
        """
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            self._leave_services()
            for listener in self.sockets:
                self._accept_queued(listener)
                listener.close()
            # Gunicorn bounds how long it waits for next requests, but not for first ones: clients open connections
            # in advance.
            ends = monotonic() + STOP_KEEPALIVE_LINGER
            for connection in self.pending_conns:
                connection.timeout = min(connection.timeout, ends)

    def _leave_services(self) -> None:
        """Close idle connections, except those of the gateway, which never repeats a lost request.

        The other services do. They, and Prometheus, keep idle connections, which would hold up the end.
        """
        for connection in [each for each in self.keepalived_conns if each.server != self._gateway]:
            self.poller.unregister(connection.sock)
            self.keepalived_conns.remove(connection)
            self.nr_conns -= 1
            connection.close()

    def _accept_queued(self, listener: Any) -> None:
        """Accept until nobody is left in the queue; gunicorn's method accepts one client or none."""
        before = -1
        while self.nr_conns != before:
            before = self.nr_conns
            self.accept(listener)

    def handle(self, conn: Any) -> Any:
        """Put a connection without a request aside early, and never close one that was promised to stay open.

        Gunicorn has one timeout, of five seconds, for the first byte and, after an answer, for the rest of a body. With
        50 ms for both it closed kept-alive connections whenever a thread lost the processor right after its answer,
        while the gateway was already sending the next request.
        """
        if not conn.initialized and not conn.wait_for_data(FIRST_BYTE_SECONDS):
            return _DEFER
        return super().handle(conn)

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """Wait for the first request of a connection as the worker ends, too: gunicorn's own would cut it off."""
        if self.alive or fs.cancelled() or fs.exception() or fs.result() is not _DEFER:
            super().finish_request(conn, fs)
            if not self.alive:
                self._leave_services()
            return
        conn.sock.setblocking(False)
        conn.timeout = monotonic() + STOP_KEEPALIVE_LINGER
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))


class PoolPerAddress(Executor):
    """A pool of so many threads for each address; it takes what gunicorn submits, a function and a connection."""

    def __init__(self, addresses: list[Any], threads: int) -> None:
        self._pools = {address: ThreadPoolExecutor(threads) for address in addresses}

    def submit(self, handle: Callable[..., Any], connection: Any) -> Future[Any]:  # type: ignore[override]  # As used.
        return self._pools[connection.server].submit(handle, connection)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        for pool in self._pools.values():
            pool.shutdown(wait, cancel_futures=cancel_futures)
