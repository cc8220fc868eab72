"""The programs that the supervisor starts, and what each of them is."""

from __future__ import annotations

import os
import resource
import socket
import sys
from pathlib import Path
from typing import NoReturn

from local.config import BIN, Config
from local.postgres import Postgres
from local.services import ROOT, SERVICES, find

PROGRAMS = ("postgres", *(service.name for service in SERVICES), "auth-worker", "gateway")
# Second processes, which answer the gateway and the other services while the first one of a service is replaced.
STAND_INS = {service.name: f"{service.name}-stand-in" for service in SERVICES}
GATEWAY = ("caddy", "run", "--config", str(ROOT / "gateway" / "Caddyfile"), "--adapter", "caddyfile")


def become(config: Config, postgres: Postgres, name: str) -> NoReturn:
    """Replace this process by one of the programs."""
    if name == "postgres":
        postgres.serve()
    if name == "gateway":
        bound_files(config.gateway_files)
        os.execve(BIN / GATEWAY[0], GATEWAY, config.gateway_environment())
    service = find("auth-svc" if name == "auth-worker" else name.removesuffix("-stand-in"))
    os.chdir(service.directory)
    environment = config.service_environment(service, direct=name == "auth-worker")
    command = [str(BIN / "gunicorn"), "-c", "python:chassis.gunicorn", "config.wsgi"]
    if name == "auth-worker":
        command = [sys.executable, "manage.py", "procrastinate", "worker"]
    else:
        config.make_private(config.metrics_dir)
        path = config.socket(service, stand_in=name in STAND_INS.values())
        environment |= {"BIND": bound_path(path), "SERVICES_BIND": bound_port(config.port(service))}
        environment["METRICS_BIND"] = bound_port(config.ports()[service.metrics_port_setting])
    os.execve(command[0], command, environment)


def bound_port(port: int) -> str:
    """Bind a port that a second process may bind too, and return it as gunicorn takes it, to listen once it can answer.

    Gunicorn's own `reuse_port` is for all its sockets, and Linux has none for local ones.
    """
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return passed_on(bound)


def bound_path(path: Path) -> str:
    """Bind a local socket, and return it as gunicorn takes it."""
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(str(path))
    return passed_on(bound)


def passed_on(bound: socket.socket) -> str:
    bound.set_inheritable(True)
    return f"fd://{bound.detach()}"


def bound_files(count: int) -> None:
    """Bound the connections of what this process becomes; Go would raise a limit that is not the hard one too."""
    files = min(count, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
