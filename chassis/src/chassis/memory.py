"""What another service has answered, remembered only as long as its answers allow."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from time import monotonic
from typing import Generic, TypeVar

from cachetools import LRUCache

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Remembered(Generic[Value]):
    """A value and the monotonic instants until which it is fresh, and usable in an outage."""

    value: Value
    fresh_until: float
    stale_until: float


class Memory(Generic[Key, Value]):
    """The `size` values used last, for this process alone and all its threads.

    A value is fresh for the `max_age` of its answer, and usable for `stale_seconds` more while the service cannot be
    asked.
    """

    def __init__(self, size: int, *, stale_seconds: int) -> None:
        self.stale_seconds = stale_seconds
        self._entries: LRUCache[Key, Remembered[Value]] = LRUCache(size)
        self._lock = threading.Lock()

    def recall(self, key: Key, *, stale: bool = False) -> Value | None:
        """Return a value while it is fresh, or with `stale` while it is usable in an outage."""
        try:
            with self._lock:
                entry = self._entries[key]
        except KeyError:
            return None
        return entry.value if monotonic() < (entry.stale_until if stale else entry.fresh_until) else None

    def remember(self, key: Key, value: Value, *, asked: float, max_age: int, lifetime: float = math.inf) -> None:
        """Remember the answer to what was asked at the monotonic instant `asked`; with a `max_age` of 0 forget it.

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
