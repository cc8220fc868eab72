"""Asking another service, and remembering its answers only as long as they allow."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from cachetools import LRUCache

from chassis.clients import Answer
from chassis.exceptions import ServiceUnavailable

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Remembered(Generic[Value]):
    """A value and the monotonic timestamps until which it is fresh, and usable in an outage."""

    value: Value
    fresh_until: float
    stale_until: float


class StaleCache(Generic[Key, Value]):
    """The `size` values used last, for this process alone and all its threads.

    A value is fresh for the `max_age` of its answer, and usable for `stale_seconds` more while the service cannot be
    asked (stale-if-error, RFC 5861, section 4).
    """

    def __init__(self, size: int, *, stale_seconds: int) -> None:
        self.stale_seconds = stale_seconds
        self._entries: LRUCache[Key, Remembered[Value]] = LRUCache(size)
        self._lock = threading.Lock()

    def ask(
        self,
        key: Key,
        call: Callable[[], Answer],
        read: Callable[[Answer], Value],
        *,
        stale: bool = True,
        lifetime: Callable[[Value], float] = lambda value: math.inf,
    ) -> Value:
        """Return the value that `read` finds in the answer to `call`, and remember it; raise what `read` raises.

        While the service cannot be asked, return a stale value if `stale` allows it, or raise ServiceUnavailable.
        """
        asked = monotonic()
        try:
            answer = call()
        except ServiceUnavailable:
            remembered = self.get(key, stale=True) if stale else None
            if remembered is None:
                raise
            return remembered
        # The service is there: what it said before must not outlive that, whatever it says now.
        self.forget(key)
        value = read(answer)
        self.set(key, value, asked=asked, max_age=answer.max_age, lifetime=lifetime(value))
        return value

    def get(self, key: Key, *, stale: bool = False) -> Value | None:
        """Return a value while it is fresh, or with `stale` while it is usable in an outage."""
        try:
            with self._lock:
                entry = self._entries[key]
        except KeyError:
            return None
        return entry.value if monotonic() < (entry.stale_until if stale else entry.fresh_until) else None

    def set(self, key: Key, value: Value, *, asked: float, max_age: int, lifetime: float = math.inf) -> None:
        """Remember the answer to what was asked at the monotonic timestamp `asked`; with a `max_age` of 0 forget it.

        Neither a fresh nor a stale value is older than `lifetime` seconds.
        """
        if not max_age:
            self.forget(key)
            return
        end = asked + lifetime
        fresh_until = min(asked + max_age, end)
        stale_until = min(fresh_until + self.stale_seconds, end)
        with self._lock:
            self._entries[key] = Remembered(value, fresh_until, stale_until)

    def forget(self, key: Key) -> None:
        with self._lock:
            self._entries.pop(key, None)
