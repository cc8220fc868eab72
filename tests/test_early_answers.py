"""An answer that comes before its request's body is read must not spoil the connection for the next client."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import Persona, failure_of, new_client

ROUNDS = 60


@pytest.mark.parametrize("size", [70_000, 900_000])
def test_refusals_of_long_bodies_make_no_other_request_fail(alice: Persona, size: int) -> None:
    stop = threading.Event()

    def attack(_: int) -> None:
        client = new_client()
        while not stop.is_set():
            response = client.post("/tasks", data=b"x" * size, headers={"Content-Type": "application/json"})
            assert failure_of(response) == (401, "not_authenticated")

    with ThreadPoolExecutor(2) as pool:
        attackers = [pool.submit(attack, each) for each in range(2)]
        try:
            statuses = [alice.client.post("/tasks", json={"title": "mine"}).status_code for _ in range(ROUNDS)]
        finally:
            stop.set()
        for attacker in attackers:
            attacker.result()

    assert statuses == [201] * ROUNDS
