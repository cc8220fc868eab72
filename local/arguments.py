"""The arguments of commands that have options of their own."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn

from local.errors import StackError


class Parser(argparse.ArgumentParser):
    """An argparse parser whose errors are one line; `help` of manage_all.sh describes the options."""

    def __init__(self, command: str) -> None:
        super().__init__(prog=command, add_help=False, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise StackError(f"{self.prog}: {message}; see `./manage_all.sh help`.")


def path(value: str) -> Path:
    return Path(value).absolute()


def count(value: str) -> int:
    """Return a number of things, at least one."""
    if not value.isdecimal() or int(value) == 0:
        raise argparse.ArgumentTypeError(f"'{value}' is not a number of 1 or more")
    return int(value)
