"""A gunicorn of ours that ends while clients come: the processes behind the gateway, without it.

At a local socket, whose path is gone before the worker looks for the last time who waits. At a port a client can still
come between that look and its closing, which takes microseconds; Linux knows no way to close one and keep its queue.
"""

from __future__ import annotations

import http.client
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.waiting import eventually

APPLICATION = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


class LocalConnection(http.client.HTTPConnection):
    """A connection to a local socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """A gunicorn with two of our workers, and its socket."""
    (tmp_path / "small.py").write_text(APPLICATION)
    path = tmp_path / "server.sock"
    options = ["-k", "chassis.workers.Worker", "-w", "2", "--threads", "2", "-b", f"unix:{path}"]
    process = subprocess.Popen([sys.executable, "-m", "gunicorn", *options, "small:application"], cwd=tmp_path)
    try:
        eventually(lambda: ask(path) == "answered", within=20)
        yield path, process
    finally:
        process.kill()
        process.wait()


def ask(path: Path) -> str:
    """Send a request on a connection of its own; return what became of it."""
    connection = LocalConnection(path)
    try:
        connection.request("POST", "/", body=b"once", headers={"Connection": "close"})
        connection.getresponse().read()
    except (ConnectionRefusedError, FileNotFoundError):
        return "refused"
    except OSError as error:
        return f"cut off: {error!r}"
    finally:
        connection.close()
    return "answered"


def test_who_comes_while_a_server_ends_is_answered_or_refused_but_never_cut_off(
    server: tuple[Path, subprocess.Popen[bytes]],
) -> None:
    path, process = server
    seen: Counter[str] = Counter()
    # A client that goes on holding its connection keeps the worker from ending at once.
    held = LocalConnection(path)
    held.request("GET", "/")
    held.getresponse().read()

    def go_on() -> None:
        while (what := ask(path)) == "answered":
            seen[what] += 1
        seen[what] += 1

    clients = [threading.Thread(target=go_on) for _ in range(8)]
    for client in clients:
        client.start()
    eventually(lambda: seen["answered"] > 50, within=20)
    process.send_signal(signal.SIGTERM)
    for client in clients:
        client.join()
    held.close()

    assert seen.keys() == {"answered", "refused"}
    assert process.wait(20) == 0
