from __future__ import annotations

import threading
from unittest.mock import Mock

from chassis.workers import Worker


def test_an_address_whose_threads_are_all_busy_leaves_the_others_theirs() -> None:
    sockets = [Mock(**{"getsockname.return_value": address}) for address in ("gateway", "services")]
    pool = Worker.get_thread_pool(Mock(sockets=sockets, cfg=Mock(threads=2)))
    go_on = threading.Event()
    waiting = [pool.submit(lambda _: go_on.wait(10), Mock(server="gateway")) for _ in range(3)]

    assert pool.submit(lambda connection: connection.server, Mock(server="services")).result(10) == "services"

    go_on.set()
    assert all(each.result(10) for each in waiting)
    pool.shutdown()
