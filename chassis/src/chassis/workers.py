"""The gunicorn worker of every service."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):  # type: ignore[misc]  # Gunicorn ships no types.
    """Answers what the gateway brings, and on as many other threads what the other services ask.

    A request from outside may wait for another service. If one pool served both, two services under load would wait
    for each other with every thread that they have, until all those calls had failed.
    """

    def get_thread_pool(self) -> Pools:
        """Return the pools, which gunicorn takes for one; the last of the addresses is the other services'."""
        new_pool = super().get_thread_pool
        return Pools(new_pool(), new_pool(), self.sockets[-1].getsockname())


class Pools:
    """Two pools of threads, chosen by the address that a connection came to."""

    def __init__(self, gateway: Executor, services: Executor, services_address: Any) -> None:
        self.gateway = gateway
        self.services = services
        self.services_address = services_address

    def submit(self, handle: Callable[[Any], Any], connection: Any) -> Future[Any]:
        pool = self.services if connection.server == self.services_address else self.gateway
        return pool.submit(handle, connection)

    def shutdown(self, wait: bool = True) -> None:
        for pool in (self.gateway, self.services):
            pool.shutdown(wait=wait)
