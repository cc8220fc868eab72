"""What many tests do on the way to what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from chassis.testing import JSONClient, Persona
from django.db import connection

T = TypeVar("T")


def make_task(persona: Persona, title: str = "Buy milk", **fields: Any) -> dict[str, Any]:
    """Create a task through the account API."""
    response = persona.client.post("/tasks", {"title": title, **fields})
    assert response.status_code == 201, response.content
    task: dict[str, Any] = response.json()["data"]
    return task


def pages(client: JSONClient, url: str) -> Iterator[list[dict[str, Any]]]:
    """Follow a list from page to page, in either API."""
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


def simultaneously(count: int, act: Callable[[int], T]) -> list[T]:
    """Run act(0), act(1), ... at the same moment, each in a thread with a database connection of its own."""
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
