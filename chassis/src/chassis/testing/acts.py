"""Steps that tests of several services have in common."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier, Event
from typing import Any, TypeVar

from django.db import connection, transaction

from chassis.testing import JSONClient

T = TypeVar("T")


def pages(client: JSONClient, url: str) -> Iterator[list[dict[str, Any]]]:
    """Follow a list from page to page, enveloped or bare."""
    following: str | None = url
    while following:
        response = client.get(following)
        assert response.status_code == 200, response.content
        body = response.json()
        yield body if isinstance(body, list) else body["data"]
        following = next_link(response)


def next_link(response: Any) -> str | None:
    """Return the address in `Link: <...>; rel="next"`, if there is one."""
    link = response.headers.get("Link")
    if link is None:
        return None
    address, _, relation = link.partition("; ")
    assert relation == 'rel="next"'
    return str(address[1:-1])


def prepared(client: JSONClient, url: str) -> tuple[str, Any]:
    """Get a page; return the last statement of it as PostgreSQL would prepare it, and the response."""
    statements: list[str] = []

    def record(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        statements.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(record):
        response = client.get(url)
    numbers = count(1)
    return re.sub("%s", lambda _: f"${next(numbers)}", statements[-1]), response


def at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """Call act(0), act(1), ... at the same moment, each in a thread with a database connection of its own."""
    ready = Barrier(count)

    def run(number: int) -> T:
        try:
            connection.ensure_connection()
            ready.wait(timeout=10)
            return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(run, range(count)))


def waiting_for(write: Callable[[], object], act: Callable[[], T]) -> T:
    """Call `act` in another thread while a transaction has written and not committed; return what `act` returned.

    The transaction commits when `act` waits for it.
    """
    pids: list[int] = []
    started = Event()

    def run() -> T:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            started.set()
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            write()
            acting = threads.submit(run)
            assert started.wait(10)
            with connection.cursor() as cursor:
                waits = False
                while not waits:
                    cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", pids)
                    (waits,) = cursor.fetchone()
                    assert not acting.done(), acting.result()
        return acting.result()
