"""Waiting for what must become true."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object], within: float) -> float:
    """Wait until a condition holds; return the seconds that it took, or fail."""
    started = time.monotonic()
    while not condition():
        elapsed = time.monotonic() - started
        assert elapsed < within, f"not true within {within:.0f} s"
        time.sleep(0.05)  # Between two looks at the condition awaited here.
    return time.monotonic() - started
