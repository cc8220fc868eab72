"""The settings of a running stack: what it was started with, until a restart takes up what has changed in .env.

They are a file in DATA_DIR, so that a program that is started again after a crash has those that were validated, and so
that a command in another terminal has the same. `Config` reads the environment (`given`) and .env (`file`).
While a stack runs, each command then sees in `Config.environment`:

- `down`, `status`, `logs`, `mails`, and each program as it is started: the settings of the running stack (`use`);
  under `dev` a program has those of `local.dev.SETTINGS` before them;
- every other command: those, and what has changed in .env since; what contradicts them is refused (`adopt`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from local import settings
from local.config import Config
from local.errors import StackError


def _path(config: Config) -> Path:
    # Some of them are secrets.
    return config.data_dir / "secrets" / "settings_of_running_stack"


def remember(config: Config) -> None:
    """Keep the settings of the environment and of .env apart: only the latter may change while the stack runs."""
    names = settings.names()
    file = {name: value for name, value in config.file.items() if name in names}
    config.write_secret(_path(config), json.dumps({"given": settings.given(config.given), "file": file}))


def forget(config: Config) -> None:
    _path(config).unlink(missing_ok=True)


def settings_given(config: Config) -> dict[str, str]:
    """Return the settings that the stack found in its environment when it was started."""
    return _read(config)["given"]


def use(config: Config) -> None:
    """Use the settings of the running stack, and not what .env says by now."""
    started, names = _read(config), settings.names() - {"DATA_DIR"}
    others = {name: value for name, value in config.environment.items() if name not in names}
    config.environment = others | started["file"] | started["given"]


def adopt(config: Config) -> None:
    """Use the settings of the running stack and what has changed in .env since; refuse what contradicts them."""
    started = _read(config)
    changed = {name for name, value in config.file.items() if started["file"].get(name) != value}
    kept = {name: value for name, value in started["given"].items() if name not in changed}
    effective = config.file | kept
    for name, value in settings.given(config.given).items():
        before = effective.get(name) or settings.defaults().get(name, "")
        if name != "DATA_DIR" and value != before:
            raise StackError(f"{_describe(name, value, before)}; `down` first, or set it in .env and `restart`.")
    for name in settings.PORTS:
        _check_port(name, started["file"] | started["given"], effective)
    config.given = {name: value for name, value in config.given.items() if name not in settings.names()} | kept
    config.environment = config.file | config.given


def _check_port(name: str, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    old, new = settings.port(before, name), settings.port(now, name)
    if old != new:
        raise StackError(f"{name} is {new} in .env, but this stack runs on {old}; `down` first.")


def _read(config: Config) -> dict[str, dict[str, str]]:
    try:
        started: dict[str, dict[str, str]] = json.loads(_path(config).read_text())
    except FileNotFoundError:
        return {"given": settings.given(config.given), "file": config.file}
    return started


def _describe(name: str, value: str, before: str) -> str:
    """Return how a setting differs from the one of the running stack; secrets are not shown."""
    if settings.is_secret(name):
        return f"{name} is not the one that this stack was started with"
    return f"{name} is {value or 'empty'}, but this stack was started with {before or 'none'}"
