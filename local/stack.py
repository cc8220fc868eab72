"""Starting, watching and stopping the local stack."""

from __future__ import annotations

import fcntl
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from local import health, orphans, ports
from local.config import BIN, ROOT, SERVICES, Config, Service, StackError
from local.postgres import Postgres
from local.supervisor import Supervisor

PROGRAMS = ("postgres", "auth-svc", "task-svc", "user-svc", "auth-worker", "gateway")


class Stack:
    """The supervisor of one DATA_DIR and everything under it."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.postgres = Postgres(config)
        self.supervisor = Supervisor(config)

    # Commands

    def up(self) -> None:
        """Start what does not run yet, and return when all of it is healthy."""
        self.config.make_directories()
        with self._lock():
            orphans.stop(self.supervisor)
            ports.claim(self.config, running=self.supervisor.runs())
            if not self.supervisor.runs():
                self.supervisor.launch()
            self._start_database()
            self._prepare_services()
            for name in self._programs():
                self.supervisor.start(name)
            health.wait(self.config)
        print(f"\n{addresses(self.config)}\n")
        print("Make a staff account with ./manage_all.sh createsuperuser; stop with ./manage_all.sh down.")

    def up_database(self) -> None:
        """Start the embedded PostgreSQL alone; the tests of single services need no more."""
        self.config.make_directories()
        with self._lock():
            orphans.stop(self.supervisor)
            if not self.supervisor.runs():
                self.supervisor.launch()
            self._start_database()

    def down(self) -> None:
        """Stop everything of this DATA_DIR, also what a killed supervisor has left behind."""
        if not self.config.data_dir.exists():
            print("Nothing runs.")
            return
        with self._lock():
            ran = self.supervisor.runs()
            if ran:
                self.supervisor.shutdown()
            ran = orphans.stop(self.supervisor) or ran
            leftovers = self.supervisor.processes()
            orphans.stop_together(leftovers)
        print("Stopped." if ran or leftovers else "Nothing ran.")

    def status(self) -> None:
        """Print a line per process; exit with 1 unless all run."""
        if not self.supervisor.runs():
            print(self._why_nothing_runs())
            raise SystemExit(1)
        states = [state for state in self.supervisor.programs() if state["name"] in self._programs()]
        for state in states:
            print(f"{state['name']:12} {state['statename']:9} {state['description']}")
        if any(state["statename"] != "RUNNING" for state in states):
            raise SystemExit(1)

    def logs(self, name: str | None = None) -> NoReturn:
        """Follow the logs."""
        names = [name] if name else [*PROGRAMS]
        self._check_name(name)
        files = [str(path) for each in names if (path := self.config.logs / f"{each}.log").exists()]
        if not files:
            raise StackError("there are no logs yet.")
        os.execvp("tail", ["tail", "-n", "100", "-F", *files])

    def restart(self, name: str | None = None) -> None:
        """Restart one part, or all but the database."""
        self._check_name(name)
        if not self.supervisor.runs():
            raise StackError(self._why_nothing_runs())
        names = [name] if name else [each for each in self._programs() if each != "postgres"]
        with self._lock():
            for each in names:
                self.supervisor.stop(each)
            self._start_database()
            self._prepare_services()
            for each in names:
                self.supervisor.start(each)
            health.wait(self.config)
        print(f"Restarted {', '.join(names)}.")

    def migrate(self) -> None:
        """Apply the migrations of every service."""
        self._require_database()
        self._manage_all("migrate", "--no-input", verbose=True)

    def manage(self, name: str = "", *arguments: str) -> NoReturn:
        """Run a service's manage.py in its environment."""
        service = self._service(name)
        self._require_database()
        os.chdir(service.directory)
        python = sys.executable
        os.execve(python, [python, "manage.py", *arguments], self.config.service_environment(service))

    def createsuperuser(self, *arguments: str) -> NoReturn:
        """Make a staff account."""
        self.manage("auth-svc", "createsuperuser", *arguments)

    def execute(self, name: str) -> NoReturn:
        """Become one of the stack's processes; the supervisor calls this."""
        if name == "postgres":
            self.postgres.serve()
        if name == "gateway":
            self._bound_files()
            caddy = [str(BIN / "caddy"), "run", "--config", str(ROOT / "gateway" / "Caddyfile")]
            os.execve(caddy[0], [*caddy, "--adapter", "caddyfile"], self.config.gateway_environment())
        service = self._service("auth-svc" if name == "auth-worker" else name)
        os.chdir(service.directory)
        environment = self.config.service_environment(service)
        if name == "auth-worker":
            command = [sys.executable, "manage.py", "procrastinate", "worker"]
        else:
            command = [str(BIN / "gunicorn"), "-c", "python:chassis.gunicorn", "config.wsgi"]
        os.execve(command[0], command, environment)

    # Steps

    def _bound_files(self) -> None:
        """Bound the connections of what this process becomes; Go would raise a limit that is not the hard one too."""
        files = min(self.config.gateway_files, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    def _start_database(self) -> None:
        if self.config.embedded:
            self.postgres.initialise()
            self.supervisor.start("postgres")
            if self.postgres.wait() < self.config.database_connections:
                # The services have more threads than when it was started.
                self.supervisor.stop("postgres")
                self.supervisor.start("postgres")
                self.postgres.wait()
            self.postgres.provide(self.config.embedded)

    def _prepare_services(self) -> None:
        """Migrate and collect static files, unless every service runs already."""
        if all(self.supervisor.is_up(service.name) for service in SERVICES):
            return
        print("Migrating ...", flush=True)
        self._manage_all("migrate", "--no-input")
        self._manage_all("collectstatic", "--no-input")

    def _manage_all(self, *arguments: str, verbose: bool = False) -> None:
        """Run one command of every service's manage.py, side by side."""
        running = [
            subprocess.Popen(
                [sys.executable, "manage.py", *arguments],
                cwd=service.directory,
                env=self.config.service_environment(service),
                stdout=None if verbose else subprocess.PIPE,
                stderr=None if verbose else subprocess.STDOUT,
                text=True,
            )
            for service in SERVICES
        ]
        outputs = [process.communicate()[0] for process in running]
        for service, process, output in zip(SERVICES, running, outputs, strict=True):
            if process.returncode:
                reason = (output or "").strip().splitlines()[-1:] or ["see above"]
                raise StackError(f"{arguments[0]} of {service.name} failed: {reason[0]}")

    def _programs(self) -> list[str]:
        return [name for name in PROGRAMS if name != "postgres" or self.config.embedded]

    def _require_database(self) -> None:
        if self.config.embedded and not self.supervisor.runs():
            raise StackError(self._why_nothing_runs())

    def _why_nothing_runs(self) -> str:
        """Return what to say where there is no supervisor."""
        left = ", ".join(sorted(orphans.find(self.supervisor)))
        if left:
            return f"The supervisor was killed; without it run {left}. `up` restarts them under a new one."
        return "Nothing runs; start it with `up`."

    def _service(self, name: str) -> Service:
        for service in SERVICES:
            if service.name == name.replace("_", "-"):
                return service
        raise StackError(f"there is no service '{name}'; there are {', '.join(s.name for s in SERVICES)}.")

    def _check_name(self, name: str | None) -> None:
        if name is not None and name not in PROGRAMS:
            raise StackError(f"there is no '{name}'; there are {', '.join(PROGRAMS)}.")

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Let one command at a time change the stack."""
        with open(self.config.data_dir / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def addresses(config: Config) -> str:
    """Return what there is to visit."""
    pages = {"API documentation": "/docs", "Health": "/health"}
    pages |= {f"Admin, {prefix}": f"/{prefix}/admin/" for prefix in (service.prefix for service in SERVICES)}
    lines = (f"  {what:18} {config.base_url}{path}" for what, path in pages.items())
    return "\n".join((f"Running at {config.base_url}\n", *lines))
