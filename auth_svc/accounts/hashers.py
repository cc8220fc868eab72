"""Hashing passwords with bcrypt, of which a core does four a second: no more at once than there are cores."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chassis.environment import Env
from chassis.exceptions import ServiceUnavailable
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher

# Of this process; the others of the service have as many. Fewer than the threads that answer the gateway, of which one
# at least stays free for what needs no hash.
WORKERS, THREADS = Env().processes(), Env().threads()
CORES = max(1, min(len(os.sched_getaffinity(0)) // WORKERS, THREADS // 2))
WAITING = max(0, min(2, THREADS - 1 - CORES))
# Seconds; short enough for the other services, which sign their staff in here.
PATIENCE = 1.0


class Busy(ServiceUnavailable):
    """As many passwords are being checked as may be at once."""

    default_detail = "Too many passwords are being checked at the moment; try again shortly."


class HashQueue:
    """Lets `cores` threads hash at once and `waiting` more wait, for `patience` seconds each."""

    def __init__(self, cores: int, waiting: int, patience: float) -> None:
        self._places = threading.BoundedSemaphore(cores + waiting)
        self._cores = threading.BoundedSemaphore(cores)
        self._patience = patience

    @contextmanager
    def core(self) -> Iterator[None]:
        """Hold a core within the block; raise Busy if too many wait for one already, or for too long."""
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            if not self._cores.acquire(timeout=self._patience):
                raise Busy
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
