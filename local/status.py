"""`./manage_all.sh status` and `logs`: what runs, and what it says."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from local.config import Config
from local.errors import StackError
from local.lending import is_lent
from local.programs import PROGRAMS
from local.services import SERVICES
from local.stack import Stack


def show(stack: Stack) -> None:
    """Print a line per process; exit with 1 unless all run."""
    if not stack.supervisor.runs():
        print(stack.why_nothing_runs())
        raise SystemExit(1)
    states = [state for state in stack.supervisor.programs() if state["name"] in stack.programs()]
    for state in states:
        if is_lent(stack.config, state["name"]):
            state |= {"statename": "RUNNING", "description": "in a terminal, by `dev`"}
        print(f"{state['name']:12} {state['statename']:9} {state['description']}")
    if any(state["statename"] != "RUNNING" for state in states):
        raise SystemExit(1)


def follow_logs(stack: Stack, name: str | None = None) -> NoReturn:
    """Follow the logs; where nothing runs, print their ends."""
    names = [name] if name else [*PROGRAMS]
    stack.check_name(name)
    files = [str(path) for each in names for path in sorted(stack.config.logs.glob(f"{each}*.log"))]
    if not files:
        raise StackError("there are no logs yet.")
    runs = stack.supervisor.runs()
    if not runs:
        print(f"{stack.why_nothing_runs()} The last lines:", file=sys.stderr, flush=True)
    os.execvp("tail", ["tail", "-n", "100", *(["-F"] if runs else []), *files])


def addresses(config: Config) -> str:
    """Return what there is to visit."""
    pages = {"API documentation": "/docs", "Health": "/health"}
    pages |= {f"Admin, {prefix}": f"/{prefix}/admin/" for prefix in (service.prefix for service in SERVICES)}
    lines = (f"  {what:18} {config.base_url}{path}" for what, path in pages.items())
    return "\n".join((f"Running at {config.base_url}\n", *lines))
