"""Gunicorn as the services run it, on ports of its own, with an application of the tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

THREADS = 3
GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


class Served:
    """A running gunicorn, and clients of its two ports, and of that of its metrics."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.ports = free_ports(3)
        self.notes, self._log = folder / "notes", folder / "log"
        self.notes.touch()
        self.clients: list[socket.socket] = []
        names = ("BIND", "SERVICES_BIND", "METRICS_BIND")
        own = dict(zip(names, (f"127.0.0.1:{port}" for port in self.ports), strict=True))
        own |= {"METRICS_DIR": str(folder / "metrics")}
        own |= {"WEB_CONCURRENCY": "1", "WEB_THREADS": str(THREADS)}
        own |= {"NOTES": str(self.notes), "LOG_LEVEL": "WARNING"}
        self._environment = os.environ | own | settings
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start a main process; a second one needs ports that can be shared."""
        command = [str(Path(sys.executable).parent / "gunicorn"), "-c", "python:chassis.gunicorn", "tests.served"]
        with self._log.open("a") as log:
            return subprocess.Popen(command, env=self._environment, stdout=log, stderr=log)

    def wait_until_ready(self) -> None:
        ends = time.monotonic() + 30
        while True:
            try:
                self.ask()
                return
            except OSError:
                assert time.monotonic() < ends, self.log()
                time.sleep(0.05)  # Between two looks at what is awaited here.

    def client(self, address: int = 0) -> socket.socket:
        """Return a connection to one of the two addresses; its reads fail after thirty seconds."""
        client = socket.create_connection(("127.0.0.1", self.ports[address]), timeout=30)
        self.clients.append(client)
        return client

    def ask(self, request: bytes = GET, address: int = 0) -> bytes:
        """Return the whole answer to a request on a connection of its own."""
        client = self.client(address)
        client.sendall(request)
        return answer_of(client)

    def log(self) -> str:
        return self._log.read_text()

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.process.terminate()
        self.process.wait(20)


def free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on at the moment."""
    with ExitStack() as sockets:
        free = [sockets.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in free]


@contextmanager
def serving(folder: Path, **settings: str) -> Iterator[Served]:
    served = Served(folder, **settings)
    try:
        served.wait_until_ready()
        yield served
    finally:
        served.close()


def answer_of(client: socket.socket) -> bytes:
    """Read an answer of known length, or to the end of the connection."""
    answer = b""
    while True:
        head, _, body = answer.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if length and len(body) >= int(length):
            return answer
        more = client.recv(65_536)
        if not more:
            return answer
        answer += more
