"""The rows of `bench growth`: three years of tasks of many small accounts and of one that is full."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg

TASKS_OF_AN_ACCOUNT = 50
# MAX_TASKS: an account cannot have more.
OWN = 100_000
OWNER = "01890000-0000-7000-8000-000000000001"
# The account of a rank; most tasks are of the first ones (the square of an even distribution).
OTHER = "md5(({random} * {random} * {accounts})::int::text)::uuid"

# Titles of 3 to 8 words, descriptions of none to 40, of 2,000 words that are used as unevenly as words are.
TEXTS = """
CREATE UNLOGGED TABLE bench_texts AS
SELECT n AS id,
    left(initcap(string_agg(word, ' ' ORDER BY place) FILTER (WHERE place <= 3 + n % 6)), 180) AS title,
    CASE WHEN n % 5 < 2 THEN ''
        ELSE string_agg(word, ' ' ORDER BY place) FILTER (WHERE place > 8 AND place <= 8 + n % 41) END AS description
FROM generate_series(1, 20000) AS n, generate_series(1, 48) AS place,
    LATERAL (SELECT (2000 * power((hashint8(n * 100 + place) & 65535) / 65536.0, 3))::int AS rank) AS chosen,
    LATERAL (SELECT left(md5(rank::text), 2 + rank % 9) AS word) AS words
GROUP BY n
"""
FILL = """
INSERT INTO tasks_task
    (id, user_id, title, description, status, priority, due_at, labels, completed_at, version, created_at, updated_at)
SELECT
    uuidv7(created - now()),
    CASE WHEN n %% %(every)s = 0 THEN %(owner)s::uuid ELSE {other} END,
    coalesce(title, 'Task') || ' ' || n %% 1000,
    coalesce(description, ''),
    status,
    CASE WHEN r3 < 0.15 THEN 1 WHEN r3 < 0.75 THEN 2 WHEN r3 < 0.95 THEN 3 ELSE 4 END,
    CASE WHEN r1 < 0.5 THEN date_trunc('hour', created + r2 * interval '60 days') END,
    CASE WHEN r2 < 0.6 THEN ARRAY['label ' || (r2 * 20)::int] ELSE '{{}}' END,
    CASE WHEN status = 'completed' THEN created + r1 * interval '20 days' END,
    1 + (r1 * 4)::int,
    created,
    created + r1 * r1 * interval '20 days'
FROM (
    SELECT n, random() AS r1, random() AS r2, random() AS r3,
        now() - (%(rows)s - n) * interval '3 years' / %(rows)s AS created,
        (ARRAY['completed', 'completed', 'completed', 'completed', 'completed', 'completed', 'completed',
            'pending', 'pending', 'in_progress'])[1 + (hashint8(n) & 65535) %% 10] AS status
    FROM generate_series(%(first)s::bigint, %(last)s) AS n
) AS task LEFT JOIN bench_texts ON bench_texts.id = (hashint8(n + 7) & 2147483647) %% 20000 + 1
"""
PARTS, PORTION = 2, 50_000


def other(accounts: int, random: str = "random()") -> str:
    """Return the SQL of somebody's id, most often of one of those who have many tasks."""
    return OTHER.format(random=random, accounts=accounts)


def create_texts(database: psycopg.Connection[Any]) -> None:
    database.execute(TEXTS)
    database.execute("ANALYZE bench_texts")
    database.execute("GRANT SELECT ON bench_texts TO PUBLIC")


def fill(url: str, rows: int) -> int:
    """Make rows in about the order of their creation, two portions at a time; return the number of accounts."""
    accounts = rows // TASKS_OF_AN_ACCOUNT
    statement = FILL.format(other=other(accounts))
    given = {"rows": rows, "owner": OWNER, "every": max(rows // OWN, 10)}

    def make(part: int) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SET statement_timeout = 0")
            for first in range(1 + part * PORTION, rows + 1, PARTS * PORTION):
                connection.execute(statement, {**given, "first": first, "last": min(first + PORTION - 1, rows)})

    with ThreadPoolExecutor(PARTS) as threads:
        list(threads.map(make, range(PARTS)))
    return accounts
