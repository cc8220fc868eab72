"""The cost of indexes to writes: single inserts as task_svc makes them, with all indexes and with each one dropped."""

from __future__ import annotations

import random
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import md5
from itertools import count
from typing import Any
from uuid import UUID

import psycopg
from uuid_utils.compat import uuid7

INSERTS, REPEATED = 500, 3
# About as many as gin_pending_list_limit (4 MB) keeps before they are merged.
PENDING = 10_000
FORGET_PENDING = "SELECT gin_clean_pending_list('task_document')"
GROUPS = {
    "the three of title": "task_(status_|priority_)?title",
    "the three of updated_at": "task_(status_|priority_)?updated",
    "the four of priority and another": "task_priority_(created|updated|due|title)",
    "the three of all owners": "task_all_",
    "all but the primary key": "",
}
INDEXES = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'tasks_task'::regclass AND NOT indisprimary"
INSERT = """
INSERT INTO tasks_task
    (id, user_id, title, description, status, priority, due_at, labels, completed_at, version, created_at, updated_at)
VALUES (%s, %s, %s, %s, 'pending', %s, %s, %s, NULL, 1, %s, %s)
"""
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, WAL, TIMING OFF, FORMAT JSON)"
# One task of so many, spread over the whole table; another one each time.
CHANGE = """
UPDATE tasks_task SET status = CASE status WHEN 'completed' THEN 'pending' ELSE 'completed' END,
    completed_at = CASE status WHEN 'completed' THEN NULL ELSE now() END,
    version = version + 1, updated_at = now()
WHERE (hashtext(id::text) & 2147483647) %% %s = %s
"""


@dataclass(frozen=True)
class Cost:
    """Of one statement: log with and without images of whole pages, those images, buffers, and processor time."""

    log: float
    images: float
    plain_log: float
    buffers: float
    microseconds: float

    def __sub__(self, other: Cost) -> Cost:
        return Cost(*(mine - its for mine, its in zip(astuple(self), astuple(other), strict=True)))


def measure(database: psycopg.Connection[Any], accounts: int) -> None:
    """Print what an insert and each index cost: what is less without it than in the two measures before and after."""
    line = "{:34}{:>12}{:>10}{:>12}{:>10}{:>8}"
    print("\nOne insert; each index is what is less without it, by itself or with others")
    print(line.format("", "log at first", "images", "log later", "buffers", "us"))
    indexes = [name for (name,) in database.execute(INDEXES).fetchall()]
    seeds = count()
    whole = [cost(database, accounts, next(seeds))]
    for name, pattern in {**{each: f"{each}$" for each in indexes}, **GROUPS}.items():
        dropped = [each for each in indexes if re.match(pattern, each)]
        without = cost(database, accounts, next(seeds), dropped)
        whole.append(cost(database, accounts, next(seeds)))
        print(line.format(name, *figures(mean(whole[-2:]) - without)), flush=True)
    print(line.format("an insert with all", *figures(mean(whole))), flush=True)
    database.execute("SET wal_compression = on")
    print(line.format("an insert, images compressed", *figures(cost(database, accounts, next(seeds)))), flush=True)
    database.execute("RESET wal_compression")
    print_pending(database, accounts, next(seeds))
    database.execute("VACUUM tasks_task")


def mean(costs: list[Cost]) -> Cost:
    return Cost(*(statistics.mean(values) for values in zip(*map(astuple, costs), strict=True)))


def print_pending(database: psycopg.Connection[Any], accounts: int, seed: int) -> None:
    """Print what it costs to merge the pending entries of the words' index, of as many inserts as one merge has."""
    with database.transaction(force_rollback=True):
        database.execute(FORGET_PENDING)
        for values in rows(accounts, seed, PENDING):
            database.execute(INSERT, values)
        (plan,) = database.execute(f"{EXPLAIN} {FORGET_PENDING}").fetchall()[0][0]
    root = plan["Plan"]
    merged, images = root["WAL Bytes"] / PENDING, root["WAL FPI"] / PENDING
    print(f"\nWords of {PENDING:,} inserts merged: {merged:.0f} bytes of log each, {images:.2f} images")


def figures(cost: Cost) -> list[str]:
    digits = (0, 2, 0, 1, 0)
    return [f"{number:.{places}f}" for number, places in zip(astuple(cost), digits, strict=True)]


def cost(database: psycopg.Connection[Any], accounts: int, seed: int, dropped: Sequence[str] = ()) -> Cost:
    """Return the cost of one of many inserts: right after a checkpoint, and once their pages were written whole."""
    with database.transaction(force_rollback=True):
        if dropped:
            database.execute(f"DROP INDEX {', '.join(dropped)}")
        if "task_document" not in dropped:
            # None is merged in between, which would be the cost of thousands of others.
            database.execute(FORGET_PENDING)
        database.execute("CHECKPOINT")
        at_first = insert(database, accounts, seed)
        used = processor_seconds(database)
        for _ in range(REPEATED):
            for values in rows(accounts, seed, INSERTS):
                database.execute(INSERT, values)
        used = processor_seconds(database) - used
        later = insert(database, accounts, seed)
    return Cost(
        at_first["WAL Bytes"] / INSERTS,
        at_first["WAL FPI"] / INSERTS,
        later["WAL Bytes"] / INSERTS,
        at_first["Buffers"] / INSERTS,
        used / INSERTS / REPEATED * 1e6,
    )


def insert(database: psycopg.Connection[Any], accounts: int, seed: int) -> Counter[str]:
    """Insert, and return what PostgreSQL counted."""
    counted: Counter[str] = Counter()
    for values in rows(accounts, seed, INSERTS):
        (plan,) = database.execute(f"{EXPLAIN} {INSERT}", values).fetchall()[0][0]
        root = plan["Plan"]
        for name in ("WAL Bytes", "WAL FPI"):
            counted[name] += root[name]
        counted["Buffers"] += root["Shared Hit Blocks"] + root["Shared Read Blocks"]
    return counted


def rows(accounts: int, seed: int, count: int) -> Iterator[tuple[Any, ...]]:
    """Yield the values of new tasks, of the same accounts with the same words for one seed."""
    chosen = random.Random(seed)  # No secret.
    words = [f"{number:x}" * 3 for number in range(2000)]
    for number in range(count):
        rank = round(chosen.random() ** 2 * accounts)
        user_id = UUID(md5(str(rank).encode()).hexdigest())  # noqa: S324  # As in growth_rows.py.
        title = " ".join(chosen.choices(words, k=5)).capitalize()
        description = " ".join(chosen.choices(words, k=number % 40 if number % 5 > 1 else 0))
        now = datetime.now(UTC)
        due = now + timedelta(days=number % 60) if number % 2 else None
        yield uuid7(), user_id, title, description, number % 4 + 1, due, [f"label {number % 12}"], now, now


def processor_seconds(database: psycopg.Connection[Any]) -> float:
    """Return how long the connection's backend has run."""
    with open(f"/proc/{database.info.backend_pid}/schedstat") as file:
        return int(file.read().split()[0]) / 1e9
