"""More requests at once than the services have threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.conftest import PASSWORD, Persona, failure_of, new_client

AT_ONCE = 32


def test_services_that_wait_for_each_other_go_on(alice: Persona, staff: Persona) -> None:
    alice.client.post("/users/users", json={"name": "Alice", "email": alice.email})
    task = {"title": "asks the user service", "userId": alice.id}

    def eight(persona: Persona, ask: Callable[[requests.Session], requests.Response]) -> list[int]:
        client = new_client(persona.token)
        return [ask(client).status_code for _ in range(8)]

    with ThreadPoolExecutor(2 * AT_ONCE) as pool:
        # user_svc is asked for the id of another account than the caller's.
        creating = [
            pool.submit(eight, staff, lambda client: client.post("/tasks/tasks", json=task)) for _ in range(AT_ONCE)
        ]
        reading = [
            pool.submit(eight, alice, lambda client: client.get(f"/users/users/{alice.id}/tasks"))
            for _ in range(AT_ONCE)
        ]
        created = Counter(status for each in creating for status in each.result())
        read = Counter(status for each in reading for status in each.result())

    assert created == {201: AT_ONCE * 8}
    assert read == {200: AT_ONCE * 8}


def test_more_logins_than_the_cores_can_hash_are_refused_and_hold_up_nothing_else(alice: Persona, bob: Persona) -> None:
    credentials = {"email": bob.email, "password": PASSWORD}

    def log_in(_: int) -> list[requests.Response]:
        client = new_client()
        return [client.post("/auth/login", json=credentials) for _ in range(4)]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        logging_in = [pool.submit(log_in, number) for number in range(AT_ONCE)]
        others = [alice.client.get("/auth/me").status_code for _ in range(20)]
        answers = [answer for each in logging_in for answer in each.result()]

    assert others == 20 * [200]
    refused = [answer for answer in answers if answer.status_code != 200]
    # As many as may fail a minute are under way at once; of these, some find no room to be hashed.
    assert {failure_of(answer) for answer in refused} <= {(503, "service_unavailable"), (429, "throttled")}
    assert refused
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    assert len(refused) < len(answers)
