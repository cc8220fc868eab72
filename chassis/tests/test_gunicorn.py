from __future__ import annotations

import gc
import runpy
import socket
from unittest.mock import Mock

import pytest
from chassis.workers import Worker
from django.db import connection
from gunicorn.config import Config

from chassis import gunicorn


def test_gunicorn_takes_every_setting() -> None:
    config = Config()
    ours = {name for name in vars(gunicorn) if name.islower() and not name.startswith("_")}
    ours -= {"env", "gc", "glogging", "os", "settings", "slots", "socket", "struct"}

    for name in ours:
        config.set(name, getattr(gunicorn, name))

    assert config.worker_class is Worker
    assert config.preload_app is True


def test_a_request_is_logged_by_django_alone(capsys: pytest.CaptureFixture[str]) -> None:
    config = Config()
    config.set("logconfig_dict", gunicorn.logconfig_dict)

    # What gunicorn would make a line of is not looked at.
    gunicorn.logger_class(config).access(None, None, None, None)

    assert capsys.readouterr().out == ""


def test_the_environment_says_where_and_how_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIND", "0.0.0.0:9000")
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    monkeypatch.setenv("WEB_THREADS", "5")
    monkeypatch.setenv("SERVICES_BIND", "0.0.0.0:9100")

    module = runpy.run_path(str(gunicorn.__file__))

    assert module["bind"] == ["0.0.0.0:9000", "0.0.0.0:9100"]
    assert (module["workers"], module["threads"]) == (3, 5)


def test_what_the_workers_share_is_out_of_garbage_collection() -> None:
    before = gc.get_freeze_count()
    try:
        gunicorn.pre_fork(None, None)

        assert gc.get_freeze_count() > before + 10_000
    finally:
        gc.unfreeze()


@pytest.mark.django_db(transaction=True)
def test_a_worker_starts_without_connections_of_its_parent() -> None:
    connection.ensure_connection()

    gunicorn.post_fork(None, None)
    gunicorn.child_exit(None, None)

    assert connection.connection is None


def test_a_connection_inherits_how_long_nothing_may_move_on_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gunicorn.when_ready(Mock(LISTENERS=[listener]))
        with socket.create_connection(listener.getsockname()) as client:
            accepted, _ = listener.accept()
            with accepted:
                accepted.setblocking(True)
                for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                    assert accepted.getsockopt(socket.SOL_SOCKET, option, 16) != bytes(16)
            assert client.recv(1) == b""


def test_one_request_in_fifty_is_the_last_of_its_connection() -> None:
    requests = [Mock(headers=[("CONTENT-LENGTH", "5")]) for _ in range(200)]

    for number, request in enumerate(requests):
        gunicorn.pre_request(Mock(nr=number), request)

    assert sum(request.force_close.called for request in requests) == 4
