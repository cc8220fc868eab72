"""Reaching the processes of the local stack, to break them: by the marker in their environment, never by name alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import requests
from psycopg import sql

from local.config import Config
from local.postgres import Postgres
from local.programs import PROGRAMS
from local.services import ROOT, SERVICES
from local.supervisor import Supervisor
from tests.waiting import eventually

HEALS_WITHIN = 20.0
FAILURE_MEMORY = 1.0
PATHS = ("/health", "/auth/health", "/tasks/health", "/users/health")


class LocalStack:
    """The processes that the supervisor of one DATA_DIR has started."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._frozen: list[psutil.Process] = []
        self._supervisor = Supervisor(config)
        self._postgres = Postgres(config, self._supervisor)

    def create_superuser(self, email: str, password: str) -> None:
        credentials = {"DJANGO_SUPERUSER_EMAIL": email, "DJANGO_SUPERUSER_PASSWORD": password}
        command = [str(ROOT / "manage_all.sh"), "createsuperuser", "--noinput"]
        subprocess.run(command, env={**os.environ, **credentials}, check=True, stdout=subprocess.DEVNULL)

    def log(self, name: str) -> str:
        return (self._config.logs / f"{name}.log").read_text(errors="replace")

    def reset_tokens(self, email: str) -> list[str]:
        """Return the tokens that were mailed to an address, oldest first."""
        files = sorted(self._config.mails.iterdir(), key=lambda file: file.stat().st_mtime_ns)
        mails = [file.read_text() for file in files]
        return [token for mail in mails if f"To: {email}" in mail for token in re.findall(r"Token: (\S+)", mail)]

    def main_process(self, name: str) -> psutil.Process:
        """Return the process that the supervisor started under a name, once it runs.

        The worker may be just being started again: it ends some seconds after an outage of PostgreSQL.
        """
        eventually(lambda: self._is_running(name), within=HEALS_WITHIN)
        return psutil.Process(self._supervisor.program(name)["pid"])

    def _is_running(self, name: str) -> bool:
        return bool(self._supervisor.program(name)["statename"] == "RUNNING")

    def runs_again(self, name: str, *, after: int) -> bool:
        """Return whether the supervisor has started a new process in place of one that is gone."""
        if not self._is_running(name) or self._supervisor.program(name)["pid"] == after:
            return False
        # Gunicorn's main process has workers once it has the port, which those of its predecessor held on to.
        return not name.endswith("-svc") or self._supervisor.has_workers(name)

    def stop(self, name: str) -> None:
        """Stop a process in good order, and let it stay down."""
        self._supervisor.stop(name)

    def start(self, name: str) -> None:
        self._supervisor.start(name, wait=True)

    def family(self, name: str) -> list[psutil.Process]:
        main = self.main_process(name)
        return [main, *main.children(recursive=True)]

    def kill(self, name: str) -> None:
        """Kill -9 a process and its children at once."""
        for process in self.family(name):
            process.send_signal(signal.SIGKILL)

    def kill_main(self, name: str) -> None:
        """Kill -9 the main process alone; its children are left to notice."""
        self.main_process(name).send_signal(signal.SIGKILL)

    @contextmanager
    def server_that_only_reads(self) -> Iterator[None]:
        """Let the server refuse writes on all connections within the block."""
        with self._postgres.connect() as superuser:
            superuser.execute("ALTER SYSTEM SET default_transaction_read_only = on")
            superuser.execute("SELECT pg_reload_conf()")
            try:
                yield
            finally:
                superuser.execute("ALTER SYSTEM RESET default_transaction_read_only")
                superuser.execute("SELECT pg_reload_conf()")

    def end_connections(self) -> None:
        """End what connections the services have to the database; they make new ones."""
        ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = ANY (%s)"
        with self._postgres.connect() as superuser:
            superuser.execute(ended, [[service.role for service in SERVICES]])

    @contextmanager
    def connections_that_only_read(self) -> Iterator[None]:
        """Let the services' connections refuse writes for as long as they last; those made after the block do not."""
        with self._postgres.connect() as superuser:
            for service in SERVICES:
                role = sql.Identifier(service.role)
                superuser.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(role))
            self.end_connections()
            try:
                yield
            finally:
                for service in SERVICES:
                    role = sql.Identifier(service.role)
                    superuser.execute(sql.SQL("ALTER ROLE {} RESET default_transaction_read_only").format(role))

    def freeze(self, name: str) -> None:
        """Stop a process and its children where they are, and return when no thread of theirs moves any more."""
        family = self.family(name)
        for process in family:
            process.send_signal(signal.SIGSTOP)
            self._frozen.append(process)
        # Threads take up a signal when they are scheduled, and could answer a request until then.
        eventually(lambda: all(map(_is_stopped, family)), within=10)

    def thaw_all(self) -> None:
        while self._frozen:
            process = self._frozen.pop()
            if process.is_running():
                process.send_signal(signal.SIGCONT)

    def mend(self) -> None:
        """Let everything run again that a test has frozen or stopped, and may have failed before it undid that."""
        self.thaw_all()
        for name in PROGRAMS:
            self.start(name)

    def wait_until_healthy(self, gateway_url: str, within: float = 60.0) -> float:
        """Wait until every part answers its health check; return the seconds that it took."""
        started = time.monotonic()
        waiting = list(PATHS)
        while waiting:
            assert time.monotonic() - started < within, f"still not healthy: {waiting}"
            waiting = [path for path in waiting if not _is_healthy(gateway_url + path)]
            time.sleep(0.05)  # Between two looks at the condition awaited here.
        return time.monotonic() - started

    def all_run(self) -> bool:
        """Return whether no process is just being started again, as the worker is after an outage of PostgreSQL."""
        return all(map(self._is_running, PROGRAMS))

    def wait_until_settled(self, gateway_url: str) -> None:
        """Wait until every part has been healthy for longer than a process answers from the memory of a failure."""
        healthy_since = time.monotonic()
        while time.monotonic() - healthy_since < FAILURE_MEMORY:
            if not all(_is_healthy(gateway_url + path) for path in PATHS):
                self.wait_until_healthy(gateway_url)
                healthy_since = time.monotonic()
            time.sleep(0.05)  # Between two looks at the condition awaited here.


def _is_stopped(process: psutil.Process) -> bool:
    try:
        states = {psutil.Process(thread.id).status() for thread in process.threads()}
    except psutil.NoSuchProcess:
        # A thread or a process ended before it was stopped.
        return not process.is_running()
    return states == {psutil.STATUS_STOPPED}


def _is_healthy(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code == 200
    except requests.RequestException:
        return False
