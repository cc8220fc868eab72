"""Hashing passwords with bcrypt, of which a core does four a second: no more at once than there are cores."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chassis.exceptions import ServiceUnavailable
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher

# Of this process; the others of the service have as many.
CORES = max(1, len(os.sched_getaffinity(0)) // int(os.environ.get("WEB_CONCURRENCY") or 2))
# They hold threads that what needs no hash could use, so they are few, and do not wait for long.
WAITING = 2
PATIENCE = 2.0


class HashQueue:
    """Lets `cores` threads hash at once and `waiting` more wait, for `patience` seconds each."""

    def __init__(self, cores: int, waiting: int, patience: float) -> None:
        self._places = threading.BoundedSemaphore(cores + waiting)
        self._cores = threading.BoundedSemaphore(cores)
        self._patience = patience

    @contextmanager
    def core(self) -> Iterator[None]:
        """Hold a core within the block; raise ServiceUnavailable if too many wait for one already, or for too long."""
        if not self._places.acquire(blocking=False):
            raise ServiceUnavailable("Too many passwords are being checked at the moment; try again shortly.")
        try:
            if not self._cores.acquire(timeout=self._patience):
                raise ServiceUnavailable("Too many passwords are being checked at the moment; try again shortly.")
            try:
                yield
            finally:
                self._cores.release()
        finally:
            self._places.release()


queue = HashQueue(CORES, WAITING, PATIENCE)


class BoundedBCryptSHA256PasswordHasher(BCryptSHA256PasswordHasher):
    """Django's hasher, in a queue; `verify` encodes too."""

    def encode(self, password: str, salt: Any) -> str:
        with queue.core():
            return super().encode(password, salt)
