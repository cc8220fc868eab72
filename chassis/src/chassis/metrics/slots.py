"""Which files a worker counts in: those of the lowest slot that no living worker of its service holds.

A worker goes on with the counts of the slot's last holder. So there are as many files as there were workers at one
time, however often they are killed or replaced, also by those of a second main process (`restart`).

1. The main process of gunicorn calls `open_directory` before anything makes a metric.
2. It loads the application: its metrics are made, in files named `main`, which count nothing.
3. Each worker calls `claim` after the fork: it holds the lock of its slot, and its counts go to the slot's files.
4. A worker ends, and its lock with it, even by kill -9; the main process calls `forget_the_dead`.
5. The worker that takes its place claims the free slot, and counts on.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count, takewhile
from pathlib import Path
from typing import Any

from prometheus_client import values
from prometheus_client.multiprocess import mark_process_dead

# Prometheus's client reads it, too.
DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
# The main process counts nothing; it makes the metrics, and with them these files.
MAIN = "main"

_slot = MAIN
# A lock is held until the last process that inherited its file ends, however it ends.
_held: list[int] = []


def identifier() -> str:
    """Return what Prometheus's client names this process's files after."""
    return _slot


def open_directory(directory: Path) -> None:
    """Use a directory for the files of this main process's workers, empty unless another one's use it already.

    It must be done before the first metric is made.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ[DIRECTORY_VARIABLE] = str(directory)
    users = _open(directory / "users.lock")
    with _one_at_a_time():
        if _lock(users):
            for file in directory.glob("*.db"):
                file.unlink()
        fcntl.flock(users, fcntl.LOCK_SH)
    _held.append(users)
    of_slots: Any = values.MultiProcessValue
    values.ValueClass = of_slots(process_identifier=identifier)


def claim() -> None:
    """Take a slot for the life of this process, and forget what its last holder was in the midst of."""
    global _slot
    with _one_at_a_time():
        number = next(number for number in count() if _take(number))
        mark_process_dead(number, _directory())  # type: ignore[no-untyped-call]  # It is untyped.
    _slot = str(number)


def forget_the_dead() -> None:
    """Forget what workers were in the midst of when they died."""
    with _one_at_a_time():
        for number in takewhile(lambda number: _lock_of(number).exists(), count()):
            file = _open(_lock_of(number))
            if _lock(file):
                mark_process_dead(number, _directory())  # type: ignore[no-untyped-call]  # It is untyped.
            os.close(file)


def _directory() -> str:
    return os.environ[DIRECTORY_VARIABLE]


def _lock_of(number: int) -> Path:
    return Path(_directory(), f"slot-{number}.lock")


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _take(number: int) -> bool:
    """Hold a slot for the life of this process, unless another one does."""
    file = _open(_lock_of(number))
    taken = _lock(file)
    if taken:
        _held.append(file)
    else:
        os.close(file)
    return taken


def _lock(file: int) -> bool:
    """Lock a file, unless somebody else has; return whether it is locked now."""
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let one process at a time look for what nobody holds."""
    file = _open(Path(_directory(), "claims.lock"))
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)
