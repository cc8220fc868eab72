"""How many requests a service has answered in each of the last minutes, how many of them failed, how long they took.

Each worker counts in a file of its slot, beside its counts for Prometheus; a reader adds up the files of all slots.
"""

from __future__ import annotations

import mmap
import os
import threading
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from operator import add
from pathlib import Path
from time import time

from chassis.metrics.instruments import BUCKETS
from chassis.metrics.slots import DIRECTORY_VARIABLE

# A quarter of an hour, the minute that has begun included.
KEPT = 15
# One row more, so that the one that is begun anew is never one that is read.
ROWS = KEPT + 1
# The minute's number since 1970, its failures, and its requests by duration; the last are longer than any bucket.
WIDTH = 2 + len(BUCKETS) + 1
SIZE = ROWS * WIDTH * array("Q").itemsize
NAME = "minutes-"

_lock = threading.Lock()
_cells = memoryview(bytearray(SIZE)).cast("Q")


@dataclass(frozen=True)
class Traffic:
    """The requests of a time: how many, by duration, and how many of them failed."""

    failures: int
    buckets: tuple[int, ...]

    @property
    def requests(self) -> int:
        return sum(self.buckets)

    def quantile(self, share: float) -> float | None:
        """Estimate a duration in seconds from the buckets, as Prometheus's histogram_quantile does."""
        rank = share * self.requests
        if not rank:
            return None
        ends = list(accumulate(self.buckets))
        found = bisect_left(ends, rank)
        lower, upper = (0.0, *BUCKETS, BUCKETS[-1])[found : found + 2]
        return lower + (upper - lower) * (1 - (ends[found] - rank) / self.buckets[found])

    def __add__(self, other: Traffic) -> Traffic:
        return Traffic(self.failures + other.failures, tuple(map(add, self.buckets, other.buckets)))


NOTHING = Traffic(0, (0,) * (WIDTH - 2))


def keep_in(directory: Path, slot: str) -> None:
    """Count in the file of a slot from now on, beside what its last holder has counted."""
    global _cells
    file = os.open(directory / f"{NAME}{slot}", os.O_RDWR | os.O_CREAT, 0o600)
    os.ftruncate(file, SIZE)
    _cells = memoryview(mmap.mmap(file, SIZE)).cast("Q")
    os.close(file)


def count(seconds: float, *, failed: bool) -> None:
    """Count a request that has taken so long."""
    minute = int(time() / 60)
    row = minute % ROWS * WIDTH
    with _lock:
        if _cells[row] != minute:
            _cells[row : row + WIDTH] = array("Q", [minute, *[0] * (WIDTH - 1)])
        _cells[row + 1] += failed
        _cells[row + 2 + bisect_left(BUCKETS, seconds)] += 1


def read() -> dict[datetime, Traffic]:
    """Return the traffic of the last minutes, by when each began; the last one goes on."""
    now = int(time() / 60)
    found = dict.fromkeys(range(now - KEPT + 1, now + 1), NOTHING)
    for cells in _of_all_slots():
        for row in range(0, len(cells), WIDTH):
            minute, failures, *buckets = cells[row : row + WIDTH]
            if minute in found:
                found[minute] += Traffic(failures, tuple(buckets))
    return {datetime.fromtimestamp(minute * 60, UTC): traffic for minute, traffic in found.items()}


def _of_all_slots() -> list[memoryview]:
    directory = os.environ.get(DIRECTORY_VARIABLE)
    if not directory:
        return [_cells]
    return [memoryview(file.read_bytes()).cast("Q") for file in Path(directory).glob(f"{NAME}*")]
