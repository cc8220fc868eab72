"""Waiting for the local stack to answer."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Collection

from local.config import Config
from local.errors import StackError, reason
from local.lending import is_lent
from local.programs import STAND_INS
from local.services import SERVICES
from local.supervisor import Supervisor

HEALTHY_WITHIN = 60.0
# Of this machine: through no proxy that the environment may name.
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def wait(config: Config, supervisor: Supervisor, names: Collection[str]) -> None:
    """Return when the programs that are named run and are healthy, or raise StackError."""
    deadline = time.monotonic() + HEALTHY_WITHIN
    for name in names:
        while not is_healthy(config, supervisor, name):
            supervisor.check(name)
            if time.monotonic() > deadline:
                raise StackError(f"{name} is not healthy: {last_words(config, name)}")
            time.sleep(0.05)  # Until the next look.


def is_healthy(config: Config, supervisor: Supervisor, name: str) -> bool:
    """Return whether a program runs and, if it has an address, says that it is healthy."""
    return (is_lent(config, name) or runs(supervisor, name)) and all(map(answers, addresses(config, name)))


def runs(supervisor: Supervisor, name: str) -> bool:
    """Return whether a program runs, and a service's own workers too: another process may answer at its address."""
    is_service = name in STAND_INS or name in STAND_INS.values()
    running = supervisor.program(name)["statename"] == "RUNNING"
    return running and (not is_service or supervisor.has_workers(name))


def addresses(config: Config, name: str) -> list[str]:
    """Return where to ask for a program's health: of the gateway whether it reaches every service."""
    if name == "gateway":
        gateway = f"http://{config.gateway_host}:{config.gateway_port}"
        return [] if config.site else [f"{gateway}/{service.prefix}/health" for service in SERVICES]
    return [f"http://127.0.0.1:{config.port(service)}/health" for service in SERVICES if service.name == name]


def answers(url: str) -> bool:
    """Return whether an address answers that all is well."""
    try:
        with DIRECTLY.open(url, timeout=2) as response:
            return bool(json.load(response)["status"] == "ok")
    except (OSError, ValueError, KeyError):
        return False


def last_words(config: Config, name: str) -> str:
    """Return what the last part of a process's log says of a failure, and where to read the rest."""
    path = config.logs / f"{name}.log"
    said = reason(path.read_text(errors="replace")[-10_000:] if path.exists() else "")
    return f"{said} (see `./manage_all.sh logs {name}`)"
