"""`./manage_all.sh restore`: a backup beside the running databases, then in their place."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from argparse import Namespace
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any, cast

import psycopg
from psycopg import sql

from local import processes, vault
from local.archive import SECRETS, Archive
from local.arguments import Parser, path
from local.config import Config
from local.databases import Database, count_rows, databases, major, program
from local.errors import StackError, reason
from local.lending import is_lent
from local.renames import BESIDE, OLD, RESTORED, UNDONE, administer, drop, replaced, swap
from local.services import SERVICES, Service, find
from local.stack import Stack

Tombstones = Mapping[Service, Sequence[tuple[Any, ...]]]


def run(stack: Stack, *arguments: str) -> None:
    """Restore the file that is named; --undo exchanges it for what it has replaced, and --forget drops that."""
    given = _read(arguments)
    stack.require_supervisor()
    if given.forget:
        with stack.lock():
            stack.require_reconciled()
            forget(stack)
        return
    refuse_lent(stack)
    if given.undo:
        with stack.lock():
            stack.require_reconciled()
            undo(stack)
        return
    with Archive.read(given.file) as archive, stack.lock():
        secrets = None
        if given.secrets:
            vault.refuse_given(stack.config)
            secrets = read_secrets(archive)
        refuse(stack, archive)
        restore(stack, archive, secrets=secrets)
    print("Restored. Those from before are kept: `restore --undo` brings them back, `restore --forget` drops them.")


def _read(arguments: tuple[str, ...]) -> Namespace:
    parser = Parser("restore")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=path, metavar="FILE")
    what.add_argument("--undo", action="store_true")
    what.add_argument("--forget", action="store_true")
    parser.add_argument("--secrets", action="store_true")
    given = parser.parse_args(arguments)
    if given.secrets and not given.file:
        parser.error("--secrets are those of a FILE")
    return given


def refuse_lent(stack: Stack) -> None:
    """Refuse while a program runs in a terminal: nothing stops it there while its database is exchanged."""
    for name in stack.programs():
        if is_lent(stack.config, name):
            raise StackError(f"{name} runs in another terminal, under `dev`; end it there first.")


def read_secrets(archive: Archive) -> dict[str, str]:
    """Return the secrets of a backup."""
    if SECRETS not in archive.manifest["sha256"]:
        raise StackError(f"{archive.path} was made without --secrets.")
    return vault.decrypt(archive.file.read(SECRETS), vault.pass_phrase())


def refuse(stack: Stack, archive: Archive) -> None:
    """Refuse a backup that these databases or this version cannot take."""
    for database in databases(stack.config):
        service, dumped = database.service, archive.manifest["databases"][database.service.short]
        folder = service.directory / service.app / "migrations"
        newest = max(path.stem for path in folder.glob("[0-9]*.py"))
        if (applied := dumped["migrations"].get(service.app, "")) > newest:
            raise StackError(
                f"the backup is newer than this version, which does not know the migration {service.app}.{applied}."
            )
        with administer(stack, database) as connection:
            server = connection.info.server_version
            if major(server) < major(dumped["server"]):
                versions = f"PostgreSQL {major(dumped['server'])}, and the server is {major(server)}"
                raise StackError(f"the backup of {database.name} is of {versions}.")

    if replaced(stack):
        raise StackError(f"databases named {OLD} are kept from an earlier restore; `restore --forget` drops them.")
    _check_space(stack.config, archive)


def _check_space(config: Config, archive: Archive) -> None:
    """Refuse a backup for which the embedded cluster's disk has no room beside the databases in use."""
    sizes = archive.manifest["databases"]
    needed = sum(sizes[service.short]["size"] for service in config.embedded)
    free = shutil.disk_usage(config.data_dir).free
    if free < needed:
        raise StackError(f"{config.data_dir} has {free >> 20} MiB free, and a restore needs {needed >> 20}.")


def restore(
    stack: Stack, archive: Archive, *, secrets: dict[str, str] | None = None, tombstones: Tombstones | None = None
) -> None:
    """Put a backup in the place of the databases, and start all programs on it.

    Accounts whose deletion is known, by the databases that are replaced or as given, stay deleted.
    """
    beside = [_load(stack, archive, database) for database in databases(stack.config)]
    put_in_place(stack, beside, RESTORED, secrets=secrets, tombstones=tombstones)


def undo(stack: Stack) -> None:
    """Exchange the databases for those that the last restore has replaced."""
    if len(replaced(stack)) < len(SERVICES):
        raise StackError("nothing has been restored, or `--forget` dropped what was there before.")
    for database in databases(stack.config):
        with administer(stack, database) as connection:
            # An interrupted restore may have left one with the name that the exchange needs.
            drop(connection, database.name + BESIDE)
    before = [database.named(database.name + OLD) for database in databases(stack.config)]
    put_in_place(stack, before, UNDONE)
    print("What was there before the restore is back, and the restored databases are kept beside in its place.")


def put_in_place(
    stack: Stack,
    beside: Sequence[Database],
    steps: Sequence[tuple[str, str]],
    *,
    secrets: dict[str, str] | None = None,
    tombstones: Tombstones | None = None,
) -> None:
    """Make databases fit to be used, give them the names that count, and start all programs on them.

    Whatever interrupts it: before the names change the old databases go on, and afterwards `up` continues.
    """
    print("Migrating, and ending all sessions ...", flush=True)
    urls = {each.service: each.url for each in beside}
    processes.manage(stack.config, SERVICES, "migrate", "--no-input", urls=urls)
    processes.manage(stack.config, SERVICES, "end_admin_sessions", urls=urls)
    processes.manage(stack.config, [find("auth-svc")], "end_sessions", urls=urls)
    vault.drop_staged_secrets(stack.config)
    if secrets is not None:
        vault.stage_secrets(stack.config, secrets)
    try:
        for name in reversed([name for name in stack.programs() if name != "postgres"]):
            stack.supervisor.stop(name)
        tombstones = tombstones or {each.service: read_tombstones(each) for each in databases(stack.config)}
        for each in beside:
            _add_tombstones(each, tombstones.get(each.service, ()))
        stack.config.unreconciled.touch()
        swap(stack, steps)
    except BaseException:
        # The mark stays: the names may have changed though no answer came, and reconciling old databases harms nothing.
        stack.start_programs()
        raise
    stack.start_programs()


def forget(stack: Stack) -> None:
    """Drop the databases that the last restore has replaced, or what an interrupted `--forget` has left of them."""
    replaced(stack)
    for database in databases(stack.config):
        with administer(stack, database) as connection:
            drop(connection, database.name + OLD)
    print("Dropped what the last restore had replaced.")


def read_tombstones(database: Database) -> list[tuple[Any, ...]]:
    """Return which accounts a database knows to be deleted; one of an older version knows of none."""
    query = sql.SQL("SELECT digest, created_at FROM {}").format(_tombstones(database))
    with database.connect() as connection, suppress(psycopg.errors.UndefinedTable):
        return connection.execute(query).fetchall()
    return []


def _tombstones(database: Database) -> sql.Identifier:
    return sql.Identifier("public", f"{database.service.app}_tombstone")


def _add_tombstones(database: Database, rows: Sequence[tuple[Any, ...]]) -> None:
    query = sql.SQL("INSERT INTO {} (digest, created_at) VALUES (%s, %s) ON CONFLICT DO NOTHING")
    with database.connect() as connection, connection.cursor() as cursor:
        cursor.executemany(query.format(_tombstones(database)), rows)


def _load(stack: Stack, archive: Archive, database: Database) -> Database:
    """Make a new database of a dump, and compare the number of rows."""
    beside = database.named(database.name + BESIDE)
    dumped = archive.manifest["databases"][database.service.short]
    print(f"{database.name}, {sum(dumped['rows'].values())} rows ...", flush=True)
    server = _create(stack, beside)
    command = [program("pg_restore", max(server, dumped["server"])), f"--dbname={beside.name}"]
    command += ["--exit-on-error", "--no-owner", "--no-privileges"]
    with tempfile.TemporaryFile() as output:
        streams: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": output, "stderr": output}
        # It says itself why it ends early.
        with subprocess.Popen(command, env=beside.environment(), **streams) as loading, suppress(BrokenPipeError):
            archive.copy(f"{database.service.short}.dump", cast(IO[bytes], loading.stdin))
        if loading.returncode:
            output.seek(0)
            raise StackError(f"{database.name} cannot be restored: {reason(output.read().decode(errors='replace'))}")
    with beside.connect() as connection:
        if count_rows(connection) != dumped["rows"]:
            raise StackError(f"{database.name} has not as many rows as the backup says.")
        connection.execute("ANALYZE")
    return beside


def _create(stack: Stack, beside: Database) -> int:
    """Make an empty database, and drop what an interrupted restore has left; return the server's version."""
    with administer(stack, beside) as connection:
        drop(connection, beside.name)
        name, owner = sql.Identifier(beside.name), sql.Identifier(beside.role)
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
        connection.execute(sql.SQL("REVOKE CONNECT ON DATABASE {} FROM PUBLIC").format(name))
        return connection.info.server_version
