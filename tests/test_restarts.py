"""Restarts under load: no request fails, no acknowledged write is lost or made twice."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from uuid import uuid4

import pytest
import requests

from local.services import ROOT
from tests.conftest import Client, Persona, new_client
from tests.local_stack import LocalStack

CONNECTIONS = 16
READS = ("/tasks", "/auth/me", "/users/me", "/tasks?page_size=1")
# Seconds between two requests of a client: without it the clients, not the restart, would take the processors.
PAUSE = 0.02
# Above it the gateway gives an answer up; what was measured on a quiet machine is in docs/operations.md.
LONGEST_SECONDS = 10.0


class Load:
    """Clients on connections of their own that read and write without a pause."""

    def __init__(self, alice: Persona, gateway: str = "") -> None:
        self.alice = alice
        self.gateway = gateway
        self.failures: list[str] = []
        self.titles: list[str] = []
        self.longest = 0.0
        self.count = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._repeat, args=(act,)) for act in self._acts()]

    def _acts(self) -> list[Callable[[Client], requests.Response]]:
        """Return what each connection does: every other one writes."""
        acts: list[Callable[[Client], requests.Response]] = [self._write] * CONNECTIONS
        for number in range(0, CONNECTIONS, 2):
            path = READS[number // 2 % len(READS)]
            acts[number] = partial(self._read, path)
        return acts

    def _read(self, path: str, client: Client) -> requests.Response:
        return client.get(self.gateway + path, timeout=30)

    def _write(self, client: Client) -> requests.Response:
        title = f"task {uuid4()}"
        response = client.post(f"{self.gateway}/tasks", json={"title": title}, timeout=30)
        if response.status_code == 201:
            self.titles.append(title)
        return response

    def _repeat(self, act: Callable[[Client], requests.Response]) -> None:
        with new_client(self.alice.token) as client:
            while not self._stop.wait(PAUSE):
                started = time.monotonic()
                try:
                    response = act(client)
                    if response.status_code not in (200, 201):
                        self.failures.append(f"{response.request.method} {response.status_code} {response.text}")
                except requests.RequestException as error:
                    self.failures.append(repr(error))
                self.longest = max(self.longest, time.monotonic() - started)
                self.count += 1

    def stored(self) -> Counter[str]:
        """Return how many tasks there are of each title."""
        titles: Counter[str] = Counter()
        url = "/tasks?page_size=100"
        while url:
            body = self.alice.client.get(url).json()
            titles.update(task["title"] for task in body["data"])
            url = body["meta"]["next"]
        return titles


@contextmanager
def load(alice: Persona, gateway: str = "") -> Iterator[Load]:
    made = Load(alice, gateway)
    for thread in made._threads:
        thread.start()
    try:
        yield made
    finally:
        made._stop.set()
        for thread in made._threads:
            thread.join()


@pytest.mark.parametrize(
    ("name", "restarted"),
    [
        ("", "auth-svc, task-svc, user-svc, auth-worker, gateway"),
        ("auth-svc", "auth-svc, auth-worker"),
        ("task-svc", "task-svc"),
        ("user-svc", "user-svc"),
        ("gateway", "gateway"),
    ],
    ids=["all", "auth-svc", "task-svc", "user-svc", "gateway"],
)
def test_a_restart_loses_no_request_and_no_write(whole: LocalStack, alice: Persona, name: str, restarted: str) -> None:
    with load(alice) as clients:
        command = [str(ROOT / "manage_all.sh"), "restart", *([name] if name else [])]
        done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))

    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"Restarted {restarted}.\n")
    print(f"{clients.count} requests, longest {clients.longest:.2f} s")
    assert clients.failures == []
    stored = clients.stored()
    assert {title: stored[title] for title in clients.titles} == dict.fromkeys(clients.titles, 1)
    assert clients.longest < LONGEST_SECONDS
