"""Doing the same thing many times at once, each on a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

T = TypeVar("T")


def at_once(count: int, act: Callable[[int], T]) -> list[T]:
    """Call act(0), act(1), ... in as many threads, released together; return what they return."""
    barrier = threading.Barrier(count)

    def run(index: int) -> T:
        try:
            connection.ensure_connection()
            barrier.wait(10)
            return act(index)
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
