"""Settings that a test gives to what reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from chassis.environment import Env

env = Env()


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set environment variables for one test, where None means that there is none."""

    def give(**variables: str | None) -> None:
        for name, value in variables.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return give


def exit_of(read: Callable[[], Any]) -> str:
    """Check that reading a setting ends the process with one line; return it."""
    with pytest.raises(SystemExit) as ended:
        read()
    line = str(ended.value.code)
    assert line.startswith("Setting ")
    assert "\n" not in line
    return line
