"""What the programs of the stack have logged, in the files that are kept of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from local.config import Config

# The programs whose lines are JSON; PostgreSQL and the supervisor have formats of their own.
OURS = ("gateway", "auth-svc", "auth-worker", "task-svc", "user-svc")
# Procrastinate prints this before it works.
LAUNCHED = "Launching a worker on all queues"
ADDRESS = r"[\w.+-]{1,30}@[\w-]+(?:\.[\w-]+)+"
JWT = r"eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}"


def text_of(name: str) -> str:
    """Return what is kept of a program's log, the oldest file first."""
    current = Config().logs / f"{name}.log"
    rotated = sorted(current.parent.glob(f"{name}.log.*"), key=lambda path: int(path.suffix[1:]), reverse=True)
    return "".join(path.read_text(errors="replace") for path in (*rotated, current) if path.exists())


def lines_after(mark: str, name: str) -> Iterator[dict[str, Any]]:
    """Parse each line that a program has written after one that holds a mark."""
    _, found, after = text_of(name).partition(mark)
    assert found, f"{name} has logged nothing of {mark}"
    for line in after.split("\n")[1:-1]:
        if line != LAUNCHED:
            entry: dict[str, Any] = json.loads(line)
            yield entry


def secrets_in_logs(known: Iterable[str] = ()) -> set[tuple[str, str]]:
    """Return what no log may hold and one does, each with its file: addresses, tokens, keys, and what else is known."""
    config = Config()
    keys = [path.read_text().strip() for path in (config.data_dir / "secrets").iterdir()]
    mails = [path.read_text(errors="replace") for path in config.mails.iterdir()]
    texts = {*known, *keys, *(token for mail in mails for token in re.findall(r"Token: (\S+)", mail))}
    pattern = re.compile("|".join((ADDRESS, JWT, *(re.escape(text) for text in texts if len(text) > 7))), re.IGNORECASE)
    return {
        (path.name, found)
        for path in logs(config.logs)
        for found in pattern.findall(path.read_text("utf-8", "replace"))
    }


def logs(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file()]
