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
from local.config import BIN
from local.services import ROOT
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
    stub: type[Stub],
    home: Path,
    changes: Mapping[str, str] = MappingProxyType({}),
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[OwnGateway]:
    """Run a gateway with these settings before this stub, with a few words of its Caddyfile changed, such as a time."""
    with ThreadingHTTPServer(("127.0.0.1", 0), stub) as service:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        upstreams = {f"{name}_UPSTREAM": f"127.0.0.1:{service.server_port}" for name in ("AUTH", "TASK", "USER")}
        try:
            with gateway_alone(home, changes, {"GATEWAY_UPSTREAMS": "fixed", **upstreams, **settings}) as gateway:
                yield gateway
        finally:
            service.shutdown()


@contextmanager
def gateway_alone(home: Path, changes: Mapping[str, str], settings: Mapping[str, str]) -> Iterator[OwnGateway]:
    """Run a gateway with these settings, with a few words of its Caddyfile changed."""
    caddyfile = (ROOT / "gateway" / "Caddyfile").read_text()
    for given, changed in changes.items():
        assert given in caddyfile
        caddyfile = caddyfile.replace(given, changed)
    gateway = OwnGateway(int(ports.free(1)[0]), home / "log")
    places = {"SITE_ADDRESS": f":{gateway.port}", "PAGES": str(ROOT / "gateway/pages")}
    places["GATEWAY_METRICS_PORT"] = ports.free(1)[0]
    with _caddy(gateway, home, caddyfile, {**places, **settings}):
        yield gateway


@contextmanager
def own_proxy(before: OwnGateway, home: Path, address: str) -> Iterator[OwnGateway]:
    """Run a proxy as there may be one in front of a gateway, from an address of its own on loopback.

    As most do, it appends the client's address to whatever stands in X-Forwarded-For.
    """
    proxy = OwnGateway(int(ports.free(1)[0]), home / f"log-{address}")
    caddyfile = f"""{{
        admin off
        servers {{
            trusted_proxies static 0.0.0.0/0
        }}
    }}
    http://:{proxy.port} {{
        reverse_proxy 127.0.0.1:{before.port} {{
            header_up X-Forwarded-Proto https
            transport http {{
                local_address {address}
            }}
        }}
    }}
    """
    with _caddy(proxy, home, caddyfile, {}):
        yield proxy


@contextmanager
def _caddy(listens: OwnGateway, home: Path, caddyfile: str, environment: Mapping[str, str]) -> Iterator[None]:
    file = home / f"Caddyfile-{listens.port}"
    file.write_text(caddyfile)
    command = [str(BIN / "caddy"), "run", "--config", str(file), "--adapter", "caddyfile"]
    variables = {**os.environ, "XDG_DATA_HOME": str(home), **environment}
    with listens.log_file.open("w") as log:
        caddy = subprocess.Popen(command, env=variables, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{listens.port}/health"
            eventually(lambda: caddy.poll() is not None or health.answers(url), within=60)
            assert caddy.poll() is None, listens.log
            yield
        finally:
            caddy.terminate()
            caddy.wait(timeout=30)
