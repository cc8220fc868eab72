"""Errors of the commands, each in the one line that its reader needs."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path

# How programs begin the line that says why they end: PostgreSQL's, Python's exceptions, Go's and Caddy's.
REASON = re.compile(
    r"(initdb|postgres): error: "
    r"|.*\b(FATAL|PANIC): "
    r"|([\w.]+\.)?\w+(Error|Exception|Fault): "
    r"|Error: |fatal error: "
)


class StackError(SystemExit):
    """Something the user can mend, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(f"manage_all.sh: {message}")


def reason(output: str) -> str:
    """Return the line of a program's output that says why it failed: a known beginning, else the last line."""
    lines = [line.strip() for text in output.splitlines() for line in plain(text).splitlines() if line.strip()]
    reasons = [line for line in lines if REASON.match(line)]
    return (reasons or lines or ["it says nothing"])[-1]


def plain(line: str) -> str:
    """Return what a line of a log says without its JSON, or nothing if it is not about a failure."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict) or "level" not in entry:
        return line
    if entry["level"].upper() in ("DEBUG", "INFO"):
        return ""
    return str(entry.get("exception") or entry.get("error") or entry.get("message") or entry.get("msg"))


def explain(error: OSError, data_dir: Path) -> BaseException:
    """Return an error of the file system as one line that names the file, or the folder whose disk is full."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StackError(f"the disk of DATA_DIR ({data_dir}) is full; free some of it, or set DATA_DIR to another.")
    return StackError(f"{error.filename}: {error.strerror}.") if error.filename else error
