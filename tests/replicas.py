"""Several replicas of a service behind one name, on loopback addresses of their own, and the DNS that knows them."""

from __future__ import annotations

import os
import socketserver
import struct
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from local import health, ports
from local.config import BIN, Config
from local.services import SERVICES, Service
from tests.own_gateway import OwnGateway, gateway_alone
from tests.waiting import eventually

NO_ERROR, NO_SUCH_NAME = 0x8180, 0x8183
ADDRESS = 1


class Names(socketserver.ThreadingUDPServer):
    """A DNS server that knows the addresses of a few names, in which tests may change them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Question)
        self.addresses: dict[str, list[str]] = {}

    def answer(self, question: bytes) -> bytes:
        """Return the addresses of the first label of a name (RFC 1035, section 4); it has no others."""
        labels_end = question.index(b"\0", 12)
        name = question[13 : 13 + question[12]].decode()
        (kind,) = struct.unpack_from("!H", question, labels_end + 1)
        found = self.addresses.get(name, []) if kind == ADDRESS else []
        flags = NO_ERROR if name in self.addresses else NO_SUCH_NAME
        records = [struct.pack("!HHHIH", 0xC00C, ADDRESS, 1, 0, 4) + bytes(map(int, each.split("."))) for each in found]
        header = question[:2] + struct.pack("!HHHHH", flags, 1, len(found), 0, 0)
        return header + question[12 : labels_end + 5] + b"".join(records)


class Question(socketserver.BaseRequestHandler):
    """One question to the DNS server."""

    server: Names

    def handle(self) -> None:
        question, client = self.request
        client.sendto(self.server.answer(question), self.client_address)


@contextmanager
def names() -> Iterator[Names]:
    with Names() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


@contextmanager
def gateway_of_names(home: Path, names: Names, of_services: Mapping[str, int]) -> Iterator[OwnGateway]:
    """Run a gateway that finds the replicas of services by these names, each service at a port."""
    resolver = f"refresh 1s\n\t\tresolvers 127.0.0.1:{names.server_address[1]}"
    upstreams = {f"{each.short.upper()}_UPSTREAM": f"{each.name} {of_services[each.name]}" for each in SERVICES}
    with gateway_alone(home, {"refresh 1s": resolver}, upstreams) as gateway:
        yield gateway


@contextmanager
def replica(service: Service, address: str, module: str = "config.wsgi", **settings: str) -> Iterator[psutil.Process]:
    """Run another process of a service on the stack's database, at an address, until the block or a test ends it."""
    environment = {**os.environ, **Config().service_environment(service)} | {
        "BIND": address,
        "SERVICES_BIND": f"127.0.0.1:{ports.free(1)[0]}",
        # The stack's own processes show the metrics.
        "METRICS_BIND": "",
        "WEB_CONCURRENCY": "1",
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    command = [str(BIN / "gunicorn"), "-c", "python:chassis.gunicorn", module]
    process = subprocess.Popen(command, cwd=service.directory, env=environment)
    try:
        eventually(lambda: health.answers(f"http://{address}/{service.prefix}/health"), within=30)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=30)
