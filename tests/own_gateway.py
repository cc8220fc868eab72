"""A gateway of a test's own: our Caddyfile, before a stub that stands in for all three services."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import MappingProxyType
from typing import Any

from local import health, ports
from local.config import BIN, ROOT
from tests.waiting import eventually


class Stub(BaseHTTPRequestHandler):
    """What the stubs have in common."""

    def log_message(self, *_: Any) -> None:
        """Say nothing: a line for each request would be noise among the tests' own."""


@dataclass
class OwnGateway:
    """Where it listens on loopback, and what it has logged."""

    port: int
    log_file: Path

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.port)

    @property
    def log(self) -> str:
        return self.log_file.read_text()


@contextmanager
def own_gateway(
    stub: type[Stub], home: Path, changes: Mapping[str, str] = MappingProxyType({})
) -> Iterator[OwnGateway]:
    """Run a gateway before this stub, with a few words of its Caddyfile changed, such as a time that is too long."""
    caddyfile = (ROOT / "gateway" / "Caddyfile").read_text()
    for given, changed in changes.items():
        assert given in caddyfile
        caddyfile = caddyfile.replace(given, changed)
    (home / "Caddyfile").write_text(caddyfile)
    gateway = OwnGateway(int(ports.free(1)[0]), home / "log")
    with ThreadingHTTPServer(("127.0.0.1", 0), stub) as service, gateway.log_file.open("w") as log:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        upstreams = {f"{name}_UPSTREAM": f"127.0.0.1:{service.server_port}" for name in ("AUTH", "TASK", "USER")}
        places = {"SITE_ADDRESS": f":{gateway.port}", "XDG_DATA_HOME": str(home), "PAGES": str(ROOT / "gateway/pages")}
        command = [str(BIN / "caddy"), "run", "--config", str(home / "Caddyfile"), "--adapter", "caddyfile"]
        caddy = subprocess.Popen(command, env={**os.environ, **upstreams, **places}, stdout=log, stderr=log)
        try:
            eventually(lambda: health.answers(f"http://127.0.0.1:{gateway.port}/health"), within=20)
            yield gateway
        finally:
            caddy.terminate()
            caddy.wait(timeout=30)
            service.shutdown()
