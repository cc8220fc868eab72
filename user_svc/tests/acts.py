"""What many tests do on the way to what they are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, TypeVar

from chassis.testing import JSONClient, Persona
from django.db import connection

T = TypeVar("T")


def make_profile(persona: Persona, full_name: str = "Alice A.", **fields: Any) -> dict[str, Any]:
    """Create a persona's profile through the account API."""
    response = persona.client.post("/users/createprofile", {"full_name": full_name, **fields})
    assert response.status_code == 201, response.content
    profile: dict[str, Any] = response.json()["data"]
    return profile


def pages(client: JSONClient, url: str) -> Iterator[list[dict[str, Any]]]:
    """Follow a list from page to page."""
    following: str | None = url
    while following:
        response = client.get(following)
        assert response.status_code == 200, response.content
        yield response.json()
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
