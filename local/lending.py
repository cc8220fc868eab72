"""Programs that run in a terminal for a while, instead of under the supervisor."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.config import Config
from local.errors import StackError


@contextmanager
def lend(config: Config, name: str) -> Iterator[None]:
    """Keep the supervisor from starting a program; the kernel ends that with this process, however it ends."""
    with open(_file(config, name), "w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StackError(f"{name} runs in another terminal already.") from None
        yield


def is_lent(config: Config, name: str) -> bool:
    """Return whether a program runs in a terminal."""
    if not _file(config, name).exists():
        return False
    with open(_file(config, name)) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _file(config: Config, name: str) -> Path:
    return config.run_dir / f"{name}.lent"
