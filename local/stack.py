"""Starting, watching and stopping the local stack."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import psycopg

from local import connections, health, orphans, ports, processes, renames, settings, started, vault
from local.config import Config
from local.errors import StackError
from local.lending import is_lent
from local.postgres import Postgres
from local.programs import PROGRAMS, STAND_INS
from local.services import SERVICES, find
from local.supervisor import Supervisor

# The room that a new installation needs; PostgreSQL's first files are the most of it.
NEEDED_BYTES = 150_000_000


class Stack:
    """The supervisor of one DATA_DIR and everything under it."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.supervisor = Supervisor(config)
        self.postgres = Postgres(config, self.supervisor)

    # Commands

    def up(self) -> None:
        """Start what does not run yet, and return when all of it is healthy."""
        with self._started():
            self._start_database()
            if not all(self.supervisor.is_up(service.name) for service in SERVICES):
                self._prepare_services([service.name for service in SERVICES])
            print("Waiting until everything is healthy ...", flush=True)
            self.start_programs()

    def up_database(self) -> None:
        """Start the embedded PostgreSQL alone; the tests of single services need no more."""
        with self._started(validate=False):
            self._start_database()

    def down(self) -> None:
        """Stop everything of this DATA_DIR, also what a killed supervisor has left behind."""
        print("Stopped." if self.stop() else "Nothing ran.")

    def stop(self) -> bool:
        """Stop everything, and return whether there was anything."""
        if not self.config.data_dir.exists():
            return False
        with self.lock():
            return self._stop()

    def restart(self, name: str | None = None) -> None:
        """Restart one part, or all but the database one after the other, each once the one before is healthy."""
        self.check_name(name)
        self.require_supervisor()
        self.require_reconciled()
        names = [name] if name else [each for each in self.programs() if each != "postgres"]
        if name == "auth-svc":
            # They share code and database, and the migrations at the end may contract it.
            names.append("auth-worker")
        self._validate()
        with self.lock():
            started.remember(self.config)
            self.supervisor.read_programs()
            if name == "postgres":
                self.supervisor.stop(name)
            self._start_database()
            self._prepare_services(names, "--expand")
            for each in names:
                with self._standing_in(each):
                    self._restart(each)
                    health.wait(self.config, self.supervisor, self.programs() if each == "postgres" else [each])
            # Also by what the old code could not have lived with.
            services = [service for service in SERVICES if service.name in names]
            processes.manage(self.config, services, "migrate", "--no-input")
        print(f"Restarted {', '.join(names)}.")

    def migrate(self, *options: str) -> None:
        """Apply the migrations of every service; with --expand those that the version before can live with."""
        self.require_database()
        processes.manage(self.config, SERVICES, "migrate", "--no-input", *options, verbose=True)

    def manage(self, name: str = "", *arguments: str) -> NoReturn:
        """Run a service's manage.py in its environment."""
        service = find(name)
        self.require_database()
        os.chdir(service.directory)
        python = sys.executable
        os.execve(python, [python, "manage.py", *arguments], self.config.service_environment(service, direct=True))

    def createsuperuser(self, *arguments: str) -> NoReturn:
        """Make a staff account."""
        if not (sys.stdin.isatty() or {"--no-input", "--noinput"} & set(arguments)):
            raise StackError(
                "createsuperuser asks for an address and a password, and there is no terminal. Without one: "
                "DJANGO_SUPERUSER_PASSWORD=... ./manage_all.sh createsuperuser --no-input --email me@example.com"
            )
        self.manage("auth-svc", "createsuperuser", *arguments)

    def start_programs(self) -> None:
        """Start what does not run, and return when all of it is healthy; restored databases are reconciled first."""
        if self.config.unreconciled.exists():
            self.settle_secrets()
            services = [service.name for service in SERVICES]
            self._start_healthy(services)
            processes.manage(self.config, [find("auth-svc")], "reconcile", "--apply", verbose=True)
            self.config.unreconciled.unlink()
        self._start_healthy(self.programs())

    def settle_secrets(self) -> None:
        """Use the secrets of a backup with its databases, and drop them where the old databases have stayed."""
        if not vault.has_staged_secrets(self.config):
            return
        if renames.replaced(self):
            vault.use_staged_secrets(self.config)
        else:
            vault.drop_staged_secrets(self.config)

    # Steps

    def _start_healthy(self, names: list[str]) -> None:
        for name in names:
            self.supervisor.start(name)
        health.wait(self.config, self.supervisor, names)

    @contextmanager
    def _started(self, *, validate: bool = True) -> Iterator[None]:
        """Have a supervisor within the block; one that was started here is stopped if the block fails."""
        self._make_place()
        if validate:
            self._validate()
        with self.lock():
            orphans.stop(self.supervisor)
            if self.supervisor.runs():
                # Another command may have started it while this one waited.
                started.adopt(self.config)
                started.remember(self.config)
                yield
                return
            ports.refuse_taken(self.config)
            started.remember(self.config)
            self.supervisor.launch()
            try:
                yield
            except (StackError, OSError, psycopg.Error):
                self._stop()
                raise

    def _stop(self) -> bool:
        """Stop every process of this DATA_DIR; return whether there was any."""
        ran = self.supervisor.runs()
        if ran:
            self.supervisor.shutdown()
        ran = orphans.stop(self.supervisor) or ran
        leftovers = self.supervisor.processes()
        orphans.stop_together(leftovers)
        started.forget(self.config)
        shutil.rmtree(self.config.metrics_dir, ignore_errors=True)
        return ran or bool(leftovers)

    def _make_place(self) -> None:
        """Make DATA_DIR, unless PostgreSQL could not run in it."""
        if self.config.embedded:
            self.postgres.prefix  # noqa: B018  # It raises StackError for a user as whom PostgreSQL does not run.
        self.config.make_directories()
        free = shutil.disk_usage(self.config.data_dir).free
        if free < NEEDED_BYTES and not self.postgres.cluster.exists():
            raise StackError(f"{self.config.data_dir} has {free >> 20} MiB free and needs {NEEDED_BYTES >> 20}.")

    def _validate(self) -> None:
        """Refuse settings with which something would not start, before anything is started or stopped."""
        settings.validate(self.config.environment)
        processes.validate(self.config)

    def _start_database(self) -> None:
        if self.config.embedded:
            self.postgres.initialise()
            self.supervisor.start("postgres")
            if self.postgres.wait() < connections.of_all_services(self.config.environment):
                # The services have more threads than when it was started.
                self.supervisor.stop("postgres")
                self.supervisor.start("postgres")
                self.postgres.wait()
            self.postgres.provide(self.config.embedded)

    def _prepare_services(self, names: list[str], *options: str) -> None:
        """Collect the static files of those services that are named, and migrate them."""
        services = [service for service in SERVICES if service.name in names]
        if services:
            print("Migrating ...", flush=True)
            processes.manage(self.config, services, "collectstatic", "--no-input")
            processes.manage(self.config, services, "migrate", "--no-input", *options)

    @contextmanager
    def _standing_in(self, name: str) -> Iterator[None]:
        """Have a second process of a running service answer within the block, so that nobody finds none."""
        if name not in STAND_INS or not self.supervisor.shares_addresses(name):
            yield
            return
        stand_in = STAND_INS[name]
        # One that was left behind by a killed command has the code of then.
        self.supervisor.stop(stand_in)
        self.supervisor.start(stand_in)
        try:
            health.wait(self.config, self.supervisor, [stand_in])
            yield
        finally:
            self.supervisor.stop(stand_in)

    def _restart(self, name: str) -> None:
        """Stop and start a program; the gateway reloads, if it can, and the database has been started already."""
        if name == "postgres":
            return
        if name == "gateway" and processes.reload_gateway(self.config, self.supervisor.program(name)["pid"]):
            return
        if is_lent(self.config, name):
            print(f"{name} runs in a terminal, by `dev`, and is left there.")
            return
        self.supervisor.stop(name)
        self.supervisor.start(name)

    def programs(self) -> list[str]:
        return [name for name in PROGRAMS if name != "postgres" or self.config.embedded]

    def require_reconciled(self) -> None:
        if self.config.unreconciled.exists():
            raise StackError("a restore was interrupted; `up` continues.")

    def require_database(self) -> None:
        if self.config.embedded:
            self.require_supervisor()

    def require_supervisor(self) -> None:
        if not self.supervisor.runs():
            raise StackError(self.why_nothing_runs())

    def why_nothing_runs(self) -> str:
        """Return what to say where there is no supervisor."""
        left = ", ".join(sorted(orphans.find(self.supervisor)))
        if left:
            return f"The supervisor was killed; without it run {left}. `up` restarts them under a new one."
        return "Nothing runs; start it with `up`."

    def check_name(self, name: str | None) -> None:
        if name is not None and name not in PROGRAMS:
            raise StackError(f"there is no '{name}'; there are {', '.join(PROGRAMS)}.")

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one command at a time change the stack."""
        with open(self.config.data_dir / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
