"""One client that waits for each answer: what a call costs by itself."""

from __future__ import annotations

import statistics
import time
from typing import Any
from uuid import uuid4

import requests

# A hexadecimal one would now and then be too similar to the address.
PASSWORD = "correct horse battery"


class Reader:
    """An account with a client that keeps its connection."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.client = requests.Session()
        self.client.trust_env = False
        self.credentials = {"email": f"reader-{uuid4().hex}@example.com", "password": PASSWORD}
        self.nobodys = {"email": f"nobody-{uuid4().hex}@example.com", "password": uuid4().hex}
        self.id = self.data("POST", "/auth/register", self.credentials)["id"]
        self.token = self.data("POST", "/auth/login", self.credentials)["access_token"]
        self.client.headers["Authorization"] = f"Bearer {self.token}"

    def latency(self, method: str, path: str, body: Any = None, *, status: int | None = None, calls: int = 15) -> float:
        """Return the median milliseconds of a call that succeeds, or fails with some status."""
        times = []
        for _ in range(calls + 3):
            started = time.perf_counter()
            response = self.client.request(method, self.base + path, json=body, timeout=30)
            times.append((time.perf_counter() - started) * 1000)
            assert response.ok if status is None else response.status_code == status, response.text
        return statistics.median(times[3:])

    def data(self, method: str, path: str, body: Any = None) -> Any:
        """Return what an enveloped answer carries."""
        response = self.client.request(method, self.base + path, json=body, timeout=30)
        response.raise_for_status()
        return response.json()["data"]
