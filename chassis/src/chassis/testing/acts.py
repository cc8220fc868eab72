"""What tests of several services do on the way to what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from django.db import connection

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
