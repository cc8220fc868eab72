"""Waiting for the local stack to answer."""

from __future__ import annotations

import json
import time
import urllib.request

from local.config import SERVICES, Config, StackError

HEALTHY_WITHIN = 60.0


def wait(config: Config) -> None:
    """Return when every service and the gateway are healthy, or raise StackError with the last words of one."""
    print("Waiting until everything is healthy ...", flush=True)
    urls = [(service.name, f"http://127.0.0.1:{config.port(service)}/health") for service in SERVICES]
    if not config.site:
        gateway = f"http://127.0.0.1:{config.gateway_port}"
        urls += [("gateway", f"{gateway}/{service.prefix}/health") for service in SERVICES]
    deadline = time.monotonic() + HEALTHY_WITHIN
    for name, url in urls:
        while not answers(url):
            if time.monotonic() > deadline:
                raise StackError(f"{name} is not healthy: {last_line(config, name)}")
            time.sleep(0.05)  # Until the next look.


def answers(url: str) -> bool:
    """Tell whether an address answers that all is well."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  # A loopback address of our own.
            return bool(json.load(response)["status"] == "ok")
    except (OSError, ValueError, KeyError):
        return False


def last_line(config: Config, name: str) -> str:
    """Return the last line of a process's log, and where to read the others."""
    path = config.logs / f"{name}.log"
    lines = path.read_text(errors="replace").strip().splitlines() if path.exists() else []
    return f"{lines[-1] if lines else 'it says nothing'} (see `./manage_all.sh logs {name}`)"
