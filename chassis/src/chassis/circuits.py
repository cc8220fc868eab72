"""A circuit breaker: while another service is unavailable, calls to it fail at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

# The circuit stays open for so many seconds.
OPEN_SECONDS = 1.0
# Answers in a row that are of no use until the circuit breaker takes them for an outage: one request may be poisoned.
UNUSABLE_ANSWERS = 3
# How long the others wait for the request that tries after an outage: longer than an answer takes, too short to hold
# the threads of a process up if there is still none.
TRIAL_PATIENCE = 0.25
# Longer than any call takes.
TRIAL_SECONDS = 3.0


class UnusableAnswer(Exception):
    """The other service answers, but not with anything that could be believed."""


class CircuitOpen(ConnectionError):
    """The other service did not answer a moment ago."""


class CircuitBreaker:
    """Answers for another service that is unavailable, so that no request waits for it in vain.

    It opens on the first connection that fails or times out, and on UNUSABLE_ANSWERS in a row. After OPEN_SECONDS
    seconds one request tries, and the others go on with it if it is answered within TRIAL_PATIENCE.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._unusable = 0
        self._is_open = False
        self._retry_at = 0.0
        self._trying = False
        self._patience_ends = 0.0

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Note how a call ends; raise ConnectionError instead of making it while the circuit is open."""
        self._enter()
        try:
            yield
        except UnusableAnswer:
            self._note(unusable=self._unusable + 1)
            raise
        except BaseException:
            self._note(unusable=UNUSABLE_ANSWERS)
            raise
        self._note(unusable=0)

    def _enter(self) -> None:
        with self._changed:
            if self._trying:
                self._changed.wait_for(lambda: not self._trying, self._patience_ends - monotonic())
            if not self._is_open:
                return
            now = monotonic()
            if now < self._retry_at:
                raise CircuitOpen
            # This request tries for all.
            self._trying = True
            self._patience_ends = now + TRIAL_PATIENCE
            # If it never comes back, another one tries.
            self._retry_at = now + TRIAL_SECONDS

    def _note(self, *, unusable: int) -> None:
        with self._changed:
            self._unusable = unusable
            self._is_open = unusable >= UNUSABLE_ANSWERS
            self._retry_at = monotonic() + OPEN_SECONDS
            self._trying = False
            self._changed.notify_all()
