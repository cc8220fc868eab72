from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import Future
from unittest.mock import Mock

import pytest
from chassis.gunicorn import keepalive
from chassis.workers import Worker
from gunicorn.config import Config
from gunicorn.workers.gthread import _DEFER, STOP_KEEPALIVE_LINGER, TConn

from tests.served import answer
from tests.serving import GET


def test_an_address_whose_threads_are_all_busy_leaves_the_others_theirs() -> None:
    sockets = [Mock(**{"getsockname.return_value": address}) for address in ("gateway", "services")]
    pool = Worker.get_thread_pool(Mock(sockets=sockets, cfg=Mock(threads=2)))
    go_on = threading.Event()
    waiting = [pool.submit(lambda _: go_on.wait(10), Mock(server="gateway")) for _ in range(3)]

    assert pool.submit(lambda connection: connection.server, Mock(server="services")).result(10) == "services"

    go_on.set()
    assert all(each.result(10) for each in waiting)
    pool.shutdown()


def test_a_worker_that_ends_accepts_what_is_queued_and_refuses_later_connections() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        address = listener.getsockname()
        worker = Worker(1, 1, [listener], None, 1, Config(), Mock())
        worker.tmp.close()
        worker.poller = Mock()
        worker.tpool = Mock()
        early = Mock(timeout=time.monotonic() + 75)
        worker.pending_conns.append(early)
        gateway, service = Mock(server=address), Mock(server="services")
        worker.keepalived_conns.extend([gateway, service])
        worker.nr_conns = 2
        worker.set_accept_enabled(True)
        waiting = [socket.create_connection(address) for _ in range(3)]
        worker.alive = False

        worker.set_accept_enabled(False)

        assert worker.tpool.submit.call_count == 3
        assert (list(worker.keepalived_conns), service.close.called) == ([gateway], True)
        assert worker.nr_conns == 1 + 3
        assert early.timeout - time.monotonic() <= STOP_KEEPALIVE_LINGER
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)
        for each in (*waiting, *(call.args[1].sock for call in worker.tpool.submit.call_args_list)):
            each.close()


def test_a_worker_that_ends_waits_for_first_requests_a_while_and_closes_what_failed() -> None:
    worker = Worker(1, 1, [], None, 1, Config(), Mock())
    worker.tmp.close()
    worker.poller = Mock()
    worker.alive = False
    waits, fails = Mock(), Mock()
    ended: list[Future[object]] = [Future(), Future()]
    ended[0].set_result(_DEFER)
    ended[1].set_exception(ValueError())

    for connection, future in zip((waits, fails), ended, strict=True):
        worker.finish_request(connection, future)

    assert list(worker.pending_conns) == [waits]
    assert waits.timeout - time.monotonic() <= STOP_KEEPALIVE_LINGER
    assert fails.close.called


@pytest.mark.parametrize("alive", [True, False], ids=["alive", "ending"])
def test_an_answer_to_a_service_is_the_last_of_its_connection_as_the_worker_ends(alive: bool) -> None:
    worker = Worker(1, 1, [Mock(**{"getsockname.return_value": "gateway"})], None, 1, Config(), Mock())
    worker.tmp.close()
    worker.poller = Mock()
    worker.alive = alive
    worker.nr_conns = 2
    connections = [
        Mock(server=server, **{"parser.unreader.buf.getvalue.return_value": b""}) for server in ("services", "gateway")
    ]
    answered: Future[object] = Future()
    answered.set_result(True)

    for connection in connections:
        connection.timeout = 0
        worker.finish_request(connection, answered)

    kept = connections if alive else connections[1:]
    assert list(worker.keepalived_conns) == kept
    assert connections[0].close.called is not alive
    assert worker.nr_conns == len(kept)


def test_a_connection_that_was_promised_to_stay_open_does_although_its_thread_was_held_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker = Worker(1, 1, [], None, 1, Config(), Mock())
    worker.tmp.close()
    worker.wsgi = answer
    worker.cfg.set("keepalive", keepalive)
    client, accepted = socket.socketpair()
    with client, accepted:
        client.sendall(GET)
        # As if the processor had been taken from the thread for a second when it had answered.
        monkeypatch.setattr("gunicorn.http.parser.time", Mock(monotonic=lambda: time.monotonic() + 1))

        stays_open = worker.handle(TConn(worker.cfg, accepted, "", ""))

        assert b"connection: keep-alive" in client.recv(4096).lower()
        assert stays_open


def test_a_connection_without_a_request_is_put_aside() -> None:
    worker = Worker(1, 1, [], None, 1, Config(), Mock())
    worker.tmp.close()
    client, accepted = socket.socketpair()
    with client, accepted:
        assert worker.handle(TConn(worker.cfg, accepted, "", "")) is _DEFER


def test_a_worker_shows_its_requests_about_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    show = Mock()
    monkeypatch.setattr("chassis.workers.active.show", show)
    now = Mock(return_value=1.0)
    monkeypatch.setattr("chassis.workers.monotonic", now)
    worker = Worker(1, 1, [], None, 1, Config(), Mock())

    for now.return_value in (1.0, 1.5, 2.1):
        worker.notify()

    assert show.call_count == 2
    worker.tmp.close()
