"""Somebody who searches without a pause takes little from others."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import Event
from time import perf_counter

from tests.conftest import Persona, new_client

AT_ONCE = 12
# Searches that made the documents of these tasks anew took the lists of others hundreds of times longer.
SLOWER = 50
LONG = ("buy milk and bread " * 600)[:10_000]


def test_a_victims_list_is_answered_while_an_attacker_searches(alice: Persona, bob: Persona) -> None:
    for _ in range(10):
        made = bob.client.post("/tasks/bulk", json=[{"title": "long", "description": LONG}] * 100)
        assert made.status_code == 201, made.text
    alice.client.post("/tasks", json={"title": "short"})
    enough = Event()

    def attack(_: int) -> Counter[int]:
        client = new_client(bob.token)
        answers: Counter[int] = Counter()
        # A phrase of words that every one of the tasks has, in an order that none has.
        while not enough.is_set():
            answers[client.get("/tasks", params={"search": '"bread milk"'}).status_code] += 1
        return answers

    alone = median(list_seconds(alice) for _ in range(30))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        attacks = [threads.submit(attack, number) for number in range(AT_ONCE)]
        try:
            attacked = median(list_seconds(alice) for _ in range(60))
        finally:
            enough.set()
        answers = sum((each.result() for each in attacks), Counter[int]())

    assert attacked < SLOWER * alone
    # The attacker's searches are answered, too, two at once.
    assert answers[200]
    assert answers[429]
    assert set(answers) <= {200, 400, 429}


def list_seconds(persona: Persona) -> float:
    started = perf_counter()
    response = persona.client.get("/tasks")
    assert response.status_code == 200, response.text
    return perf_counter() - started
