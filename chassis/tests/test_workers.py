from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from chassis.workers import Pools, Worker
from gunicorn.config import Config

GATEWAY, SERVICES = "/run/service.sock", ("127.0.0.1", 8001)


def connection_to(address: Any) -> Any:
    return SimpleNamespace(server=address)


def test_services_are_answered_while_every_thread_of_the_gateway_waits() -> None:
    pools = Pools(ThreadPoolExecutor(2), ThreadPoolExecutor(2), SERVICES)
    answered = threading.Event()

    waiting = [pools.submit(lambda _: answered.wait(10), connection_to(GATEWAY)) for _ in range(5)]
    pools.submit(lambda _: answered.set(), connection_to(SERVICES))

    assert all(each.result() for each in waiting)
    pools.shutdown()


def test_a_worker_knows_the_other_services_by_the_last_address() -> None:
    addresses = [SimpleNamespace(getsockname=lambda address=address: address) for address in (GATEWAY, SERVICES)]
    worker = Worker(1, 1, addresses, None, 30, Config(), None)

    pools = worker.get_thread_pool()

    assert pools.services_address == SERVICES
    assert pools.gateway is not pools.services
    pools.shutdown()
    worker.tmp.close()
