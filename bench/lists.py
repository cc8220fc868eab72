"""The cost of lists among a million rows, against a thousand.

Almost all of the million are of many small accounts and newer than those of the account that is measured: PostgreSQL,
which plans for an account of average size, is misled about it as far as it can be.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg

from bench.reader import Reader
from local.config import Config
from local.services import SERVICES

# An account may have MAX_TASKS, 100,000, and makes some more here.
OWN, SMALL, OTHERS = 99_000, 1000, 1_000_000
PAGE_SIZE, DEEP_PAGE = 50, 1000
ORDERINGS = [sign + name for name in ("created_at", "updated_at", "due_at", "priority", "title") for sign in ("-", "")]
KEPT = {"alone": "", "status": "&status=completed", "priority": "&priority=normal"}
SEARCHES = {
    "search, common elsewhere, absent here": "search=milk",
    "search, in one of a hundred": "search=rare",
    "search, in every task": "search=bread",
    "label of one in ten": "label=tenth",
    "label of every task": "label=every",
    "due within a day": "due_after={0}T00:00:00Z&due_before={0}T23:59:59Z",
    "due within a day, by due date": "ordering=due_at&due_after={0}T00:00:00Z&due_before={0}T23:59:59Z",
    "due later, all of them": "due_after=2000-01-01T00:00:00Z",
    "due later, by due date": "ordering=due_at&due_after=2000-01-01T00:00:00Z",
}
TASK = {"title": "Buy bread", "description": "And a light bulb, on the way home.", "labels": ["every"]}

# Tasks from number %(first)s to %(last)s; the measured account's are three months older than all others.
FILL = """
INSERT INTO tasks_task
    (id, user_id, title, description, status, priority, due_at, labels, completed_at, version, created_at, updated_at)
SELECT
    gen_random_uuid(),
    coalesce(%(owner)s, md5((n %% 100000)::text)::uuid),
    'Task ' || md5(n::text),
    'Buy ' || %(word)s || ' and a light bulb' || CASE WHEN n %% 100 = 0 THEN ', the rare one' ELSE '' END,
    CASE WHEN n %% 2 = 0 THEN 'completed' ELSE (ARRAY['pending', 'in_progress'])[n / 2 %% 2 + 1] END,
    n / 4 %% 4 + 1,
    CASE WHEN n %% 5 = 0 THEN NULL ELSE date_trunc('hour', now()) + n %% 2400 * interval '1 hour' END,
    CASE WHEN n %% 10 = 0 THEN ARRAY['every', 'tenth'] ELSE ARRAY['every'] END,
    CASE WHEN n %% 2 = 0 THEN now() END,
    1,
    now() - %(age)s::interval - n * interval '1 second',
    now() - %(age)s::interval - n * 7919 %% 1000003 * interval '1 second'
FROM generate_series(%(first)s::bigint, %(last)s) AS n
"""


def page(reader: Reader, url: str, *, rows: int | None = None) -> float:
    """Return the median milliseconds of a list, which has some number of rows."""
    assert rows is None or len(reader.data("GET", url)) == rows, url
    return reader.latency("GET", url)


def creation(reader: Reader) -> float:
    """Return the median milliseconds of making a task."""
    return reader.latency("POST", "/tasks", TASK, calls=200)


def measure(config: Config) -> None:
    """Measure a small account alone, then a large one among a million rows; print ratios, then milliseconds."""
    base = f"http://127.0.0.1:{config.gateway_port}"
    (service,) = (each for each in SERVICES if each.short == "task")
    url = config.database_url(service)
    with psycopg.connect(url, autocommit=True) as database:
        database.execute("SET statement_timeout = 0")
        created_alone = creation(Reader(base))
        database.execute("TRUNCATE tasks_task")

        small = Reader(base)
        fill(database, small.id, 1, SMALL)
        database.execute("VACUUM ANALYZE tasks_task")
        alone = {(ordering, kept): page(small, list_url(ordering, kept), rows=50) for ordering, kept in lists()}
        searched_alone = {name: page(small, search_url(database, query)) for name, query in SEARCHES.items()}

        large = Reader(base)
        started = time.monotonic()
        with without_indexes(database, url):
            database.execute("TRUNCATE tasks_task")
            fill(database, large.id, 1, OWN)
            fill(database, None, 1, OTHERS)
        database.execute("VACUUM ANALYZE tasks_task")
        print(f"Made {OWN + OTHERS:,} tasks in {time.monotonic() - started:.0f} s.\n")

        print(f"GET /tasks with {OWN:,} tasks of one's own and {OTHERS:,} of others, against {SMALL:,} in all:")
        print(f"the ratio of the first page / of page {DEEP_PAGE:,} (or the last), and both in milliseconds\n")
        print(f"{'':14}" + "".join(f"{kept:>28}" for kept in KEPT))
        for ordering in ORDERINGS:
            cells = ""
            for kept in KEPT:
                first = page(large, list_url(ordering, kept), rows=PAGE_SIZE)
                cursor = deep_cursor(database, large.id, ordering, kept)
                deep = page(large, f"{list_url(ordering, kept)}&cursor={cursor}", rows=PAGE_SIZE)
                floor = alone[ordering, kept]
                cells += f"{f'{first / floor:.2f} / {deep / floor:.2f}  ({first:.1f}, {deep:.1f})':>28}"
            print(f"{ordering:14}{cells}", flush=True)

        print(f"\n{'Milliseconds':40}{'large':>8}{'small':>8}")
        for name, query in SEARCHES.items():
            print(f"{name:40}{page(large, search_url(database, query)):8.1f}{searched_alone[name]:8.1f}", flush=True)
        print(f"{'POST /tasks':40}{creation(large):8.1f}{created_alone:8.1f}")


def lists() -> Iterator[tuple[str, str]]:
    return ((ordering, kept) for ordering in ORDERINGS for kept in KEPT)


def list_url(ordering: str, kept: str) -> str:
    return f"/tasks?page_size={PAGE_SIZE}&ordering={ordering}{KEPT[kept]}"


def search_url(database: psycopg.Connection[Any], query: str) -> str:
    (tomorrow,) = database.execute("SELECT (now() + interval '1 day')::date::text").fetchone() or ("",)
    return f"/tasks?{query.format(tomorrow)}"


def fill(database: psycopg.Connection[Any], owner: str | None, first: int, last: int) -> None:
    word, age = ("bread", "90 days") if owner else ("milk", "0 days")
    database.execute(FILL, {"owner": owner, "word": word, "age": age, "first": first, "last": last})


@contextmanager
def without_indexes(database: psycopg.Connection[Any], url: str) -> Iterator[None]:
    """Drop the indexes while rows are loaded, and make them anew, two at a time."""
    wanted = "SELECT indexdef, indexname FROM pg_indexes WHERE tablename = 'tasks_task' AND indexname !~ 'pkey'"
    indexes = database.execute(wanted).fetchall()
    for _, name in indexes:
        database.execute(f"DROP INDEX {name}")
    yield

    def make(definition: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            connection.execute("SET maintenance_work_mem = '256MB'")
            connection.execute(definition)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(make, sorted(definition for definition, _ in indexes)))


def deep_cursor(database: psycopg.Connection[Any], owner: str, ordering: str, kept: str) -> str:
    """Return the cursor of page DEEP_PAGE, as far as there are that many, made from the row that is last before it."""
    name = ordering.removeprefix("-")
    way = "DESC" if ordering.startswith("-") else "ASC"
    key = "coalesce(due_at, 'infinity')" if name == "due_at" else name
    condition = {"alone": "true", "status": "status = 'completed'", "priority": "priority = 2"}[kept]
    counting = f"SELECT count(*) FROM tasks_task WHERE user_id = %s AND {condition}"  # noqa: S608  # Of constants.
    rows = database.execute(counting, [owner]).fetchone()
    assert rows
    offset = min(PAGE_SIZE * (DEEP_PAGE - 1), rows[0] - PAGE_SIZE) - 1
    statement = f"""
        SELECT to_jsonb({name}), id::text FROM tasks_task WHERE user_id = %s AND {condition}
        ORDER BY {key} {way}, id {way} OFFSET %s LIMIT 1
    """  # noqa: S608  # Of constants.
    row = database.execute(statement, [owner, offset]).fetchone()
    assert row
    return base64.urlsafe_b64encode(orjson.dumps([ordering, *row])).rstrip(b"=").decode()
