"""The names of databases: those in use, those of a backup beside them, and those that a restore has replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from local.databases import Database, databases
from local.errors import StackError, reason

if TYPE_CHECKING:
    from local.stack import Stack

BESIDE, OLD = "_restored", "_old"
# The endings of a database's name before and after each step; the last exchanges two, through a third name.
RESTORED = (("", OLD), (BESIDE, ""))
UNDONE = (("", BESIDE), (OLD, ""), (BESIDE, OLD))
EXISTS = "SELECT 1 FROM pg_database WHERE datname = %s"


def administer(stack: Stack, database: Database) -> psycopg.Connection:
    """Connect as somebody who may make and rename databases: elsewhere the role itself, which needs CREATEDB."""
    if database.service in stack.config.embedded:
        return stack.postgres.connect()
    connection = database.named("postgres").connect(autocommit=True)
    allowed = connection.execute("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user").fetchall()
    if not allowed[0][0]:
        role = connection.info.user
        raise StackError(f"{role} may make no database: ALTER ROLE {role} CREATEDB until the restore is done.")
    return connection


def drop(connection: psycopg.Connection, name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def replaced(stack: Stack) -> list[str]:
    """Return which databases an earlier restore has replaced and kept: all, none, or what `--forget` has left."""
    found, waiting = [], []
    for database in databases(stack.config):
        with administer(stack, database) as connection:
            if connection.execute(EXISTS, [database.name + OLD]).fetchone():
                found.append(database.name)
            elif connection.execute(EXISTS, [database.name + BESIDE]).fetchone():
                waiting.append(database.name)
    if found and waiting:
        names = ", ".join(found)
        raise StackError(
            f"a restore was killed while it renamed, so that {names} is of a backup and the others are not. With all "
            f"programs stopped, rename it to ...{BESIDE}, and ...{OLD} to what it was; then restore again."
        )
    return found


def swap(stack: Stack, steps: Sequence[tuple[str, str]]) -> None:
    """Rename the databases step by step, all three or none."""
    embedded = [each for each in databases(stack.config) if each.service in stack.config.embedded]
    groups = [[each] for each in databases(stack.config) if each not in embedded]
    groups += [embedded] if embedded else []
    done: list[list[Database]] = []
    try:
        for group in groups:
            _rename(stack, group, steps)
            done.append(group)
    except BaseException as error:
        # Also when a server cannot be reached, or somebody interrupts: two points in time may not be mixed.
        for group in done:
            _rename(stack, group, [(after, before) for before, after in reversed(steps)])
        if isinstance(error, psycopg.Error | StackError):
            why = reason(str(error).removeprefix("manage_all.sh: "))
            raise StackError(f"the databases cannot be renamed, and are as they were: {why}") from error
        raise


def _rename(stack: Stack, group: Sequence[Database], steps: Sequence[tuple[str, str]]) -> None:
    """Rename databases of one server in one transaction, even while somebody is connected to them."""
    names = [(each.name + before, each.name + after) for each in group for before, after in steps]
    with administer(stack, group[0]) as connection, connection.transaction():
        for before, after in names:
            ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
            connection.execute(ended, [before])
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            connection.execute(rename.format(sql.Identifier(before), sql.Identifier(after)))
