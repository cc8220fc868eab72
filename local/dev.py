"""`./manage_all.sh dev`: one service in this terminal, started anew after every edit, amid the rest of the stack."""

from __future__ import annotations

import ipaddress
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psutil
from watchfiles import DefaultFilter, watch

from local import processes
from local.errors import StackError
from local.lending import is_lent, lend
from local.programs import PROGRAMS
from local.services import ROOT, SERVICES, Service, find
from local.stack import Stack
from local.status import addresses

# One worker, so that a breakpoint() stops all that there is; pages of errors, and logs to be read.
SETTINGS = {"WEB_CONCURRENCY": "1", "DEBUG_PAGES": "true", "LOG_FORMAT": "text"}
ENDS_WITHIN = 5.0
LOOKS_EVERY = 500  # Milliseconds.
WATCHED = DefaultFilter(ignore_dirs=[*DefaultFilter.ignore_dirs, "tests"])


class Foreground:
    """The programs of one service, as children of this process that write to its terminal."""

    def __init__(self, names: list[str], environment: dict[str, str]) -> None:
        self.names = names
        self.environment = environment
        self.settings = [f"{name}={value}" for name, value in SETTINGS.items()]
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        for name in self.names:
            command = [sys.executable, "-m", "local", "exec", name, *self.settings]
            self.processes.append(subprocess.Popen(command, cwd=ROOT, env=self.environment))

    def stop(self) -> None:
        """End at once: a developer waits, and nobody else."""
        families = [each for process in self.processes for each in family(process.pid)]
        for process in self.processes:
            process.send_signal(signal.SIGINT)
        for left in psutil.wait_procs(families, timeout=ENDS_WITHIN)[1]:
            left.kill()
        while self.processes:
            self.processes.pop().wait()


def family(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants, if it still runs."""
    try:
        main = psutil.Process(pid)
        return [main, *main.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def run(stack: Stack, name: str = "task-svc") -> None:
    """Serve a service from the files under edit, until Ctrl-C."""
    service = find(name)
    if not ipaddress.ip_address(stack.config.bind_address or "0.0.0.0").is_loopback:  # noqa: S104  # All interfaces.
        raise StackError("dev shows the insides of errors: it wants a gateway on loopback, without SITE_ADDRESS.")
    names = [each for each in PROGRAMS if each.startswith(f"{service.short}-")]
    if any(is_lent(stack.config, each) for each in names):
        raise StackError(f"{service.name} runs in another terminal already.")
    stack.up()
    print(f"\n{addresses(stack.config)}")
    # SIGINT too: a shell that starts it in the background has it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        with ExitStack() as lent:
            for each in names:
                lent.enter_context(lend(stack.config, each))
                stack.supervisor.stop(each)
            serve(stack, service, Foreground(names, stack.config.environment))
    finally:
        give_back(stack, names)


def give_back(stack: Stack, names: list[str]) -> None:
    """Let the supervisor run the programs again, unless the stack was stopped meanwhile."""
    if not stack.supervisor.runs():
        print("The stack was stopped.")
        return
    for each in names:
        stack.supervisor.start(each)
    print(f"Under the supervisor again: {', '.join(names)}.")


def serve(stack: Stack, service: Service, programs: Foreground) -> None:
    """Run the programs, anew after every change of their files, until a signal or the end of the stack."""
    print(f"\n{service.name} serves what is in {service.directory} and chassis/src. Ctrl-C ends it.\n", flush=True)
    places = (service.directory, ROOT / "chassis" / "src")
    programs.start()
    try:
        for changes in watch(*places, watch_filter=WATCHED, yield_on_timeout=True, rust_timeout=LOOKS_EVERY):
            if not stack.supervisor.runs():
                return
            if changes:
                programs.stop()
                take_up(stack, {Path(path) for _, path in changes})
                programs.start()
    except KeyboardInterrupt:
        # A second one would leave the service stopped.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    finally:
        programs.stop()


def take_up(stack: Stack, changed: set[Path]) -> None:
    """Say what has changed; collect the static files anew if it is one of them."""
    print(f"\nChanged: {', '.join(sorted(str(path.relative_to(ROOT)) for path in changed))}\n", flush=True)
    if any("static" in path.parts for path in changed):
        try:
            processes.manage(stack.config, SERVICES, "collectstatic", "--no-input")
        except StackError as error:
            print(error)


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
