"""The table of tasks as it grows: bytes and log of every index, pages, updates and vacuum.

Counts (bytes, buffers, write-ahead log, processor time of the one backend) are the figures to trust; times are those of
a machine that others may use too. Rows come in the order of their creation with all indexes in place, as they would in
years of use, up to GROWN of them; more are loaded first and indexed then: their indexes are as dense as after REINDEX.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from bench import growth_writes
from bench.growth_rows import create_texts, fill
from bench.growth_writes import processor_seconds
from bench.lists import without_indexes
from local.services import ROOT, find
from local.stack import Stack
from tests.local_stack import LocalStack

GROWN = 1_000_000
# A server of its own size: a quarter of 8 GB, and checkpoints by time alone as far as the disk has room.
SERVER = {
    "shared_buffers": "2GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "autovacuum": "off",
    "synchronous_commit": "off",
}
LENGTHS = "SELECT avg(length(title)), avg(length(description)) FROM tasks_task TABLESAMPLE system (1)"
MEBIBYTE = 1024 * 1024
SIZES = """
    SELECT indexrelid::regclass::text, pg_relation_size(indexrelid)
    FROM pg_index WHERE indrelid = 'tasks_task'::regclass
    UNION ALL SELECT 'heap', pg_relation_size('tasks_task')
    UNION ALL SELECT 'toast', pg_relation_size(reltoastrelid) FROM pg_class WHERE oid = 'tasks_task'::regclass
    ORDER BY 2 DESC
"""


def measure(stack: Stack, rows: int) -> None:
    """Fill the table, and print what it holds, what its pages, writes, updates and vacuum cost."""
    prepare(stack)
    service = find("task-svc")
    url = stack.config.database_url(service)
    with database(stack) as connection:
        create_texts(connection)
        started = time.monotonic()
        if rows > GROWN:
            with without_indexes(connection, url):
                owners = fill(url, rows)
        else:
            owners = fill(url, rows)
        print(f"{rows:,} tasks of {owners:,} accounts, made in {time.monotonic() - started:.0f} s", flush=True)
        print(
            "average characters of title and description: {:.0f}, {:.0f}".format(
                *connection.execute(LENGTHS).fetchall()[0]
            )
        )
        timed(connection, "first vacuum", "VACUUM (ANALYZE, PARALLEL 0) tasks_task")
        sizes = print_sizes(connection, rows)
        run_pages(stack)
        growth_writes.measure(connection, owners)
        print_updates(connection, rows, sizes)
        if rows <= GROWN:
            timed(connection, "REINDEX", "REINDEX TABLE tasks_task")
            print_sizes(connection, rows)


def prepare(stack: Stack) -> None:
    """Give the server a size, for which it has to start again."""
    with stack.postgres.connect() as superuser:
        for name, value in SERVER.items():
            superuser.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    local = LocalStack(stack.config)
    local.stop("postgres")
    local.start("postgres")
    stack.postgres.wait()


@contextmanager
def database(stack: Stack) -> Iterator[psycopg.Connection[Any]]:
    """Connect to task_db as the superuser."""
    password = stack.config.secret("postgres_password").read_text()
    task_db = find("task-svc").database
    with psycopg.connect(
        host=str(stack.config.run_dir), user="postgres", dbname=task_db, password=password, autocommit=True
    ) as connection:
        connection.execute("SET maintenance_work_mem = '512MB'")
        yield connection


def print_sizes(connection: psycopg.Connection[Any], rows: int) -> dict[str, int]:
    sizes = dict(connection.execute(SIZES).fetchall())
    indexes = sum(size for name, size in sizes.items() if name not in ("heap", "toast"))
    print(f"\n{'size':28}{'MiB':>10}{'bytes/task':>12}")
    for name, size in [*sizes.items(), ("all indexes", indexes), ("total", sum(sizes.values()))]:
        print(f"{name:28}{size / MEBIBYTE:10.0f}{size / rows:12.1f}", flush=True)
    return sizes


def run_pages(stack: Stack) -> None:
    """Measure pages in a process that has task_svc's code."""
    service = find("task-svc")
    environment = {
        **os.environ,
        **stack.config.service_environment(service),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(service.directory)])
    subprocess.run([sys.executable, "-m", "bench.growth_pages"], cwd=service.directory, env=environment, check=True)


def print_updates(connection: psycopg.Connection[Any], rows: int, before: dict[str, int]) -> None:
    """Change some tasks twice, with a vacuum in between, and print how much each index has grown."""
    changed = min(rows // 10, 200_000)
    grown: list[dict[str, int]] = []
    for number in range(2):
        timed(connection, f"\n{changed:,} tasks completed or reopened", growth_writes.CHANGE, [rows // changed, number])
        grown.append(dict(connection.execute(SIZES).fetchall()))
        timed(connection, "vacuum", "VACUUM (ANALYZE, PARALLEL 0, INDEX_CLEANUP ON) tasks_task")
    print(f"\n{'bytes per changed task':28}{'first':>10}{'second':>10}{'of before':>10}")
    for name, size in before.items():
        first, second = grown[0][name] - size, grown[1][name] - grown[0][name]
        print(f"{name:28}{first / changed:10.1f}{second / changed:10.1f}{grown[1][name] / max(size, 1):10.3f}")


def timed(connection: psycopg.Connection[Any], name: str, statement: str, values: Any = None) -> None:
    """Run a statement; print its seconds, its processor time, and the log that it wrote."""
    started, used, log = time.monotonic(), processor_seconds(connection), log_position(connection)
    connection.execute(statement, values)
    seconds, used = time.monotonic() - started, processor_seconds(connection) - used
    written = (log_position(connection) - log) / MEBIBYTE
    print(f"{name}: {seconds:.1f} s, {used:.1f} s of processor time, {written:.0f} MiB of log", flush=True)


def log_position(connection: psycopg.Connection[Any]) -> int:
    return int(connection.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchall()[0][0])
