"""The mails of a stack without a mail server: a file each, in DATA_DIR/mails."""

from __future__ import annotations

from local.config import Config
from local.errors import StackError


def show(config: Config, count: str = "3") -> None:
    """Print the last mails, the newest at the end."""
    if not count.isdecimal() or int(count) < 1:
        raise StackError(f"'{count}' is not a number of mails.")
    files = sorted(config.mails.glob("*.log"), key=lambda file: file.stat().st_mtime_ns)
    if not files:
        raise StackError(f"there are no mails in {config.mails}.")
    for file in files[-int(count) :]:
        print(file.read_text())
