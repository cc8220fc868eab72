"""The metrics as Prometheus reads them at METRICS_BIND: the counts of all workers, and statistics of the database."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from chassis.environment import Env
from chassis.metrics.database import DatabaseCollector, gauge
from chassis.wsgi import Application


class BackupCollector(Collector):
    """Tells when the last backup succeeded, where BACKUP_STAMP names the file that each one touches; 0 for never."""

    def collect(self) -> Iterable[Metric]:
        stamp = os.environ.get("BACKUP_STAMP")
        if stamp:
            modified = os.stat(stamp).st_mtime if os.path.exists(stamp) else 0.0
            yield gauge("backup_last_success_timestamp_seconds", "When the last backup succeeded.", modified)


collectors = (DatabaseCollector(), BackupCollector())


def with_metrics(application: Application) -> Application:
    """Answer every request at the address of METRICS_BIND with the metrics, and none at any other."""
    bind = Env().str("METRICS_BIND", default="")
    if not bind:
        return application
    port = port_of(bind)

    def at_its_address(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if is_at(environ["gunicorn.socket"], port):
            return answer(environ, start_response)
        return application(environ, start_response)

    return at_its_address


def port_of(bind: str) -> int:
    """Return the port of an address as gunicorn takes it: host:port, or fd:// and the number of a bound socket."""
    if not bind.startswith("fd://"):
        return int(bind.rpartition(":")[2])
    number = bind.removeprefix("fd://")
    with socket.socket(fileno=os.dup(int(number))) as bound:
        return int(bound.getsockname()[1])


def is_at(connection: socket.socket, port: int) -> bool:
    """Return whether a client has connected to a port; the request itself may say anything."""
    address = connection.getsockname()
    # That of a local socket is a path.
    return isinstance(address, tuple) and address[1] == port


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer in the format that the client asks for."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # It is untyped.
    for collector in collectors:
        registry.register(collector)
    exposition: Application = make_wsgi_app(registry)
    return exposition(environ, start_response)
