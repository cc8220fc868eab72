"""What one account's searches may cost all others: two at once, for a second each."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from chassis.testing import Persona, failure_of
from django.db import connection
from prometheus_client import REGISTRY
from tasks import searches
from tasks.models import Task
from tasks.searches import searching

from tests.acts import make_task


@pytest.mark.django_db(transaction=True)
def test_a_third_search_at_once_is_a_429_and_other_accounts_go_on(alice: Persona, bob: Persona) -> None:
    before = REGISTRY.get_sample_value("rate_limit_refusals_total", {"limit": "search"})
    begun = threading.Barrier(3)
    go_on = threading.Event()

    def search() -> None:
        with searching(alice.id):
            begun.wait(10)
            assert go_on.wait(10)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(search) for _ in range(2)]
        begun.wait(10)
        refused = alice.client.get("/tasks?search=milk")
        statuses = [
            each.client.get(path).status_code for each, path in ((bob, "/tasks?search=milk"), (alice, "/tasks"))
        ]
        go_on.set()
        for each in held:
            each.result()

    assert failure_of(refused) == (429, "throttled")
    assert REGISTRY.get_sample_value("rate_limit_refusals_total", {"limit": "search"}) == (before or 0) + 1
    assert refused["Retry-After"] == "1"
    assert statuses == [200, 200]
    assert alice.client.get("/tasks?search=milk").status_code == 200


@pytest.mark.django_db
def test_a_search_that_takes_too_long_is_refused_by_name(alice: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "MILLISECONDS", 1)
    Task.objects.bulk_create(
        Task(user_id=alice.id, title="milk", description=f"the milk {uuid4()} " * 200) for _ in range(500)
    )

    response = alice.client.get('/tasks?search="milk the"')

    assert failure_of(response) == (400, "search_too_slow")
    assert list(response.json()["error"]["details"]) == ["search"]


@pytest.mark.django_db(transaction=True)
def test_the_time_of_a_search_bounds_nothing_after_it(alice: Persona) -> None:
    def timeout() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return cursor.fetchone()

    before = timeout()
    with searching(alice.id):
        assert timeout() == ("1s",)

    assert timeout() == before


@pytest.mark.django_db
def test_a_phrase_is_looked_for_in_stored_documents(alice: Persona, django_assert_num_queries: Any) -> None:
    make_task(alice, "buy the milk")

    with django_assert_num_queries(5) as queries:
        alice.client.get('/tasks?search="the milk"')

    (statement,) = [query["sql"] for query in queries if "tasks_task" in query["sql"]]
    assert "task_document(" not in statement
