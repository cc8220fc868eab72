"""The services' databases as backups and restores reach them, and the programs of PostgreSQL for that."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import pq, sql
from psycopg.conninfo import conninfo_to_dict

from local import postgres
from local.config import Config
from local.errors import StackError
from local.services import SERVICES, Service

# Where Debian and its like keep the programs of each version.
INSTALLED = "usr/lib/postgresql/*/bin"
TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = 'public' ORDER BY 1
"""


@dataclass(frozen=True)
class Database:
    """One service's database, or another one beside it."""

    service: Service
    url: str

    @property
    def name(self) -> str:
        return urlsplit(self.url).path[1:]

    @property
    def role(self) -> str:
        return str(conninfo_to_dict(self.url)["user"])

    def named(self, name: str) -> Database:
        """Return another database of the same server and role."""
        return Database(self.service, urlunsplit(urlsplit(self.url)._replace(path=f"/{name}")))

    def connect(self, *, autocommit: bool = False) -> psycopg.Connection:
        """Connect as the service's role, without a limit of a statement's time."""
        try:
            return psycopg.connect(self.url, autocommit=autocommit, options="-c statement_timeout=0")
        except psycopg.OperationalError as error:
            raise StackError(f"{self.name} cannot be reached: {str(error).strip().splitlines()[-1]}") from None

    def environment(self) -> dict[str, str]:
        """Return how PostgreSQL's programs find the database: a password may stand in no command line."""
        given = pq.Conninfo.parse(self.url.encode())
        known = {each.envvar.decode(): each.val.decode() for each in given if each.envvar and each.val is not None}
        return {"PATH": os.environ.get("PATH", os.defpath), **known}


def databases(config: Config) -> list[Database]:
    """Return the databases in the order of a backup: auth last.

    So an account that is deleted meanwhile has no account any more in the backup, but rows, which are erased; the other
    way round, tasks of an account that nobody deleted would be lost.
    """
    order = sorted(SERVICES, key=lambda service: service.short == "auth")
    return [Database(service, config.database_url(service, direct=True)) for service in order]


def major(version: int) -> int:
    """Return the major version of a server_version_num."""
    return version // 10_000


def program(name: str, server: int) -> str:
    """Return a program of PostgreSQL for a server of this version: the oldest that fits, here."""
    on_path = [Path(path).parent for path in (shutil.which(name),) if path]
    folders = (*Path("/").glob(INSTALLED), *on_path, postgres.PROGRAMS)
    found = {version: folder / name for folder in folders if (version := _version(folder / name))}
    fitting = [version for version in found if version >= major(server)]
    if not fitting:
        have = f"there is {', '.join(map(str, sorted(found)))}" if found else "there is none"
        raise StackError(f"the server is PostgreSQL {major(server)}, which needs a {name} not older; {have}.")
    return str(found[min(fitting)])


def _version(path: Path) -> int | None:
    """Return the major version of a program of PostgreSQL, if it runs."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True).stdout
    except OSError:
        return None
    match = re.search(r"\) (\d+)", said)
    return int(match[1]) if match else None


def count_rows(connection: psycopg.Connection) -> dict[str, int]:
    """Return the number of rows of every table, in the snapshot of the connection's transaction."""
    counts = {}
    for (table,) in connection.execute(TABLES).fetchall():
        query = sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))
        counts[table] = connection.execute(query).fetchall()[0][0]
    return counts


def applied_migrations(connection: psycopg.Connection) -> dict[str, str]:
    """Return the newest migration of every app."""
    query = "SELECT app, max(name) FROM django_migrations GROUP BY app ORDER BY app"
    return dict(connection.execute(query).fetchall())
