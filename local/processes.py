"""Commands of the services, run side by side."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from local.config import BIN, Config
from local.errors import StackError, reason
from local.programs import GATEWAY
from local.services import ROOT, SERVICES, Service

# Go and OpenTelemetry read these once, from the environment.
OF_GATEWAY_PROCESS = (
    "GOGC",
    "GOMEMLIMIT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_TRACES_SAMPLER",
    "OTEL_TRACES_SAMPLER_ARG",
)


class Process(NamedTuple):
    """A command to run, and whose it is."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    directory: Path = ROOT


def manage(
    config: Config,
    services: Sequence[Service],
    *arguments: str,
    verbose: bool = False,
    urls: Mapping[Service, str] | None = None,
) -> None:
    """Run one command of the manage.py of services, on other databases than their own if `urls` names them.

    The first that fails is a StackError with its reason.
    """
    command = (sys.executable, "manage.py", *arguments)
    environments = {each: config.service_environment(each, direct=True) for each in services}
    for service, url in (urls or {}).items():
        if service in environments:
            environments[service]["DATABASE_URL"] = url
    processes = [Process(each.name, command, environments[each], each.directory) for each in services]
    for name, failure in run(processes, verbose=verbose).items():
        raise StackError(f"{arguments[0]} of {name} failed: {failure}")


def validate(config: Config) -> None:
    """Refuse settings with which a service or the gateway would not start, before anything does."""
    command = (sys.executable, "-c", "import chassis.gunicorn")
    processes = [Process(each.name, command, config.service_environment(each), each.directory) for each in SERVICES]
    caddy = (str(BIN / GATEWAY[0]), "validate", *GATEWAY[2:])
    processes.append(Process("gateway", caddy, config.gateway_environment()))
    settings = {service.name: service for service in SERVICES}
    for name, failure in run(processes).items():
        if name in settings:
            # As the user knows them, who gives one to each service.
            failure = failure.replace("Setting SECRET_KEY ", f"Setting {settings[name].key_setting} ")
            failure = failure.replace("Setting DATABASE_URL ", f"Setting {settings[name].url_setting} ")
        raise StackError(f"{name} cannot start: {failure}")


def reload_gateway(config: Config, pid: int) -> bool:
    """Let the running gateway load its configuration without closing a connection; return whether it has.

    It cannot where what it runs in has changed too: its limits, or its program.
    """
    environment = config.gateway_environment()
    try:
        process = psutil.Process(pid)
        now = process.environ()
        if any(now.get(name) != environment.get(name) for name in OF_GATEWAY_PROCESS):
            return False
        if process.rlimit(psutil.RLIMIT_NOFILE)[0] != config.gateway_files or not Path(process.exe()).exists():
            return False
    except psutil.Error:
        return False
    command = (str(BIN / GATEWAY[0]), "reload", *GATEWAY[2:], "--address", config.gateway_admin)
    return not run([Process("gateway", command, environment)])


def run(processes: Sequence[Process], *, verbose: bool = False) -> dict[str, str]:
    """Run commands side by side to their ends; return the reason of each that failed, by its name."""
    output = None if verbose else subprocess.PIPE
    running = [
        subprocess.Popen(
            each.command, cwd=each.directory, env=each.environment, stdout=output, stderr=subprocess.STDOUT, text=True
        )
        for each in processes
    ]
    outputs = [process.communicate()[0] for process in running]
    return {
        each.name: "see above" if verbose else reason(said)
        for each, process, said in zip(processes, running, outputs, strict=True)
        if process.returncode
    }
