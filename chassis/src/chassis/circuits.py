"""The circuit breaker of a client: calls that would fail are refused at once, until one succeeds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from chassis.deadlines import seconds_left

# How long a circuit stays open, and how long ago an unusable answer may be to count.
OPEN_SECONDS = 1.0
# So many unusable answers in a row open it: one that a single request provokes must not refuse all others.
UNUSABLE_ANSWERS = 3
# How long other calls wait for the trial call after an outage: longer than an answer usually takes, but too short to
# block all threads of a process.
TRIAL_PATIENCE = 0.25


class CircuitOpen(Exception):
    """The service could not be reached a moment ago."""


class UnusableAnswer(ValueError):
    """The service has answered what nobody can use, such as an error of its own."""


class CircuitBreaker:
    """Opens at once when a service cannot be reached or is too slow, and at several unusable answers in a row.

    After OPEN_SECONDS one call tries (half-open). The others go on with it if it ends within TRIAL_PATIENCE.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = False
        self._retry_at = 0.0
        self._trying = False
        self._patience_ends = 0.0
        self._unusable = 0
        self._unusable_at = 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Make a call that raises if it fails; raise CircuitOpen instead of making it while the circuit is open."""
        self._enter()
        try:
            yield
        except UnusableAnswer:
            self._count_unusable()
            raise
        except BaseException:  # Whatever ends a call, a trial must end with it.
            self._set(open=True)
            raise
        self._set(open=False)

    def _enter(self) -> None:
        with self._changed:
            if self._trying:
                patience = min(self._patience_ends - monotonic(), seconds_left())
                self._changed.wait_for(lambda: not self._trying, patience)
            if not self._open:
                return
            now = monotonic()
            if now < self._retry_at:
                raise CircuitOpen
            # This call tries for all.
            self._trying = True
            self._patience_ends = now + TRIAL_PATIENCE
            self._retry_at = now + seconds_left()

    def _count_unusable(self) -> None:
        with self._changed:
            now = monotonic()
            in_a_row = self._open or now < self._unusable_at + OPEN_SECONDS
            self._unusable_at = now
            count = self._unusable + 1 if in_a_row else 1
            self._set(open=count >= UNUSABLE_ANSWERS, unusable=count)

    def _set(self, *, open: bool, unusable: int = 0) -> None:
        with self._changed:
            self._open, self._unusable = open, unusable
            self._retry_at = monotonic() + OPEN_SECONDS
            self._trying = False
            self._changed.notify_all()
