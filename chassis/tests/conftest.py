"""The plugin that the services use too, time that a test moves, and peers on real sockets."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from time import monotonic, time
from typing import Any

import pytest
from chassis.clients import ServiceClient
from chassis.health import HealthView
from chassis.logging import configuration

from tests.peers import Peer

pytest_plugins = ["chassis.testing", "tests.browsers", "tests.variables", "tests.verdicts"]


class Clock:
    """Both clocks of the process, as far ahead as a test says."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def advance(self, seconds: float) -> None:
        self.ahead += seconds

    def monotonic(self) -> float:
        return monotonic() + self.ahead

    def time(self) -> float:
        return time() + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time as clients and caches read it."""
    clock = Clock()
    monkeypatch.setattr("chassis.circuits.monotonic", clock.monotonic)
    monkeypatch.setattr("chassis.authentication.time", clock.time)
    monkeypatch.setattr("chassis.memory.monotonic", clock.monotonic)
    return clock


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter time limits, where it is their effect and not their length that matters."""
    monkeypatch.setattr("chassis.clients.CONNECT_TIMEOUT", 0.1)
    monkeypatch.setattr("chassis.clients.CALL_TIMEOUT", 0.3)


@pytest.fixture
def peer() -> Iterator[Peer]:
    """Another service on a real socket."""
    with Peer() as peer:
        yield peer


@pytest.fixture
def client_of_peer(peer: Peer) -> ServiceClient:
    """A client of that service."""
    return ServiceClient("peer", peer.url, "the-service-key")


class LogLines(list[dict[str, Any]]):
    """What has been logged, line by line as JSON."""

    def __init__(self, stream: io.StringIO) -> None:
        super().__init__()
        self._stream = stream

    def read(self) -> str:
        """Parse all lines into this list, and return them as one text."""
        written = self._stream.getvalue()
        self[:] = [json.loads(line) for line in written.splitlines()]
        return written


@pytest.fixture
def log_lines() -> Iterator[LogLines]:
    """The log as a service writes it, down to INFO."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    formatter = configuration("chassis")["formatters"]["json"]
    handler.setFormatter(formatter["()"](formatter["service"]))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield LogLines(stream)
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture(autouse=True)
def _look_at_the_schema_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test rely on what the health check found out in another."""
    monkeypatch.setattr(HealthView, "migrated", False)
