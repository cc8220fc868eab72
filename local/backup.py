"""`./manage_all.sh backup`: the three databases, while they are in use, in one file."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from argparse import Namespace
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

import chassis
from local import vault
from local.archive import SECRETS, Archive, rotate
from local.arguments import Parser, count, path
from local.config import Config
from local.databases import Database, applied_migrations, count_rows, databases, program
from local.errors import StackError, reason
from local.stack import Stack

PATTERN = "task-manager-*.backup"


@dataclass(frozen=True)
class Snapshot:
    """A snapshot of a database, for as long as the connection lasts."""

    database: Database
    connection: psycopg.Connection
    name: str
    taken_at: datetime
    server: int


def run(stack: Stack, *arguments: str) -> None:
    """Write a backup to the file that is named, or to a new one in DATA_DIR/backups."""
    given = _read(arguments)
    name = f"task-manager-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.backup"
    file = given.file or stack.config.data_dir / "backups" / name
    stack.require_database()
    stack.require_reconciled()
    # Of databases elsewhere there may never have been a stack here.
    stack.config.make_private(stack.config.data_dir)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    back_up(stack.config, file, phrase=vault.pass_phrase(new=True) if given.secrets else None)
    # Metrics say how old it is.
    stack.config.backup_stamp.touch()
    print(f"Wrote {file}, {file.stat().st_size / 1e6:.1f} MB.")
    for old in rotate(file, PATTERN, given.keep) if given.keep else ():
        print(f"Deleted {old}.")


def _read(arguments: tuple[str, ...]) -> Namespace:
    parser = Parser("backup")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("file", nargs="?", type=path, metavar="FILE")
    where.add_argument("--keep", type=count, metavar="N")
    parser.add_argument("--secrets", action="store_true")
    return parser.parse_args(arguments)


def back_up(config: Config, file: Path, *, phrase: str | None = None) -> None:
    """Write the backup, with the secrets if there is a pass phrase for them."""
    with ExitStack() as open_:
        # All at once, before anything long begins: so they are milliseconds apart.
        connections = [(each, open_.enter_context(each.connect())) for each in databases(config)]
        snapshots = [_snapshot(database, connection) for database, connection in connections]
        _check_space(file.parent, snapshots)
        archive = open_.enter_context(Archive.write(file))
        archive.manifest |= {"version": chassis.VERSION, "databases": {}}
        for snapshot in snapshots:
            archive.manifest["databases"][snapshot.database.service.short] = _dump(archive, snapshot)
        if phrase is not None:
            archive.add(SECRETS, io.BytesIO(vault.encrypt(vault.read_secrets(config), phrase)))


def _snapshot(database: Database, connection: psycopg.Connection) -> Snapshot:
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    connection.read_only = True
    if connection.execute("SELECT to_regclass('public.django_migrations')").fetchall() == [(None,)]:
        raise StackError(f"{database.name} has no tables yet; `./manage_all.sh migrate` makes them.")
    query = "SELECT pg_export_snapshot(), clock_timestamp()"
    name, taken_at = connection.execute(query).fetchall()[0]
    return Snapshot(database, connection, name, taken_at.astimezone(UTC), connection.info.server_version)


def _check_space(folder: Path, snapshots: list[Snapshot]) -> None:
    size = "SELECT pg_database_size(current_database())"
    needed = sum(each.connection.execute(size).fetchall()[0][0] for each in snapshots)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StackError(f"{folder} has {free >> 20} MiB free, and the backup may need {needed >> 20}.")


def _dump(archive: Archive, snapshot: Snapshot) -> dict[str, Any]:
    """Add the dump of a snapshot; return what the manifest says of it."""
    database, connection = snapshot.database, snapshot.connection
    name = f"{database.service.short}.dump"
    print(f"{database.name} ...", end=" ", flush=True)
    command = [program("pg_dump", snapshot.server), "--format=custom", "--no-owner", "--no-privileges"]
    command += [f"--snapshot={snapshot.name}", "--lock-wait-timeout=60s"]
    with tempfile.TemporaryFile() as output:
        with subprocess.Popen(command, env=database.environment(), stdout=subprocess.PIPE, stderr=output) as dumping:
            length = archive.add(name, dumping.stdout)  # type: ignore[arg-type]  # A pipe.
        if dumping.returncode:
            output.seek(0)
            raise StackError(f"{database.name} cannot be dumped: {reason(output.read().decode(errors='replace'))}")
    rows = count_rows(connection)
    print(f"{sum(rows.values())} rows, {length / 1e6:.1f} MB", flush=True)
    return {
        "server": snapshot.server,
        "taken_at": snapshot.taken_at.isoformat(),
        "size": connection.execute("SELECT pg_database_size(current_database())").fetchall()[0][0],
        "migrations": applied_migrations(connection),
        "rows": rows,
    }
