"""Sharding by owner, tried on hash partitions: what belongs to one account asks one partition alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import psycopg
import pytest
from chassis.contracts import SERVICE_KEY_HEADER
from chassis.testing import AuthStub, JSONClient, Persona
from chassis.testing.acts import next_link
from django.conf import settings
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker
from tasks.models import Task

from tests import partitions
from tests.test_list_plans import FILL, KEPT, ORDERINGS, OWNER, check, nodes_of

ALL = {f"tasks_task_{number}" for number in range(partitions.COUNT)}


@pytest.fixture(scope="module")
def _partitioned(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give eight accounts 3,000 tasks each in a partitioned table, once for all tests of this module."""
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        partitions.partition(cursor)
        cursor.execute(FILL, [24_000])
        cursor.execute("ANALYZE tasks_task")
    yield
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        partitions.restore(cursor)


@pytest.fixture
def owner(_partitioned: None, db: None, auth_service: AuthStub) -> Persona:
    """Somebody with 3,000 tasks."""
    persona = auth_service.add("owner")
    persona.id = OWNER
    return persona


@pytest.fixture
def staff_of_many(_partitioned: None, db: None, staff: Persona) -> Persona:
    return staff


Plan = list[dict[str, Any]]


def explained(act: Callable[[], Any], explain: Callable[[Any, str, Any], dict[str, Any]]) -> tuple[list[Plan], Any]:
    """Return the plans of all that an act asks of the table, each as its nodes, and what the act returns."""
    plans: list[Plan] = []

    def wrapper(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if '"tasks_task"' in sql or " tasks_task " in sql:
            cursor = context["cursor"].cursor
            plans.append(nodes_of(explain(cursor, sql, params)))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        result = act()
    assert plans
    return plans, result


def for_these_values(cursor: Any, sql: str, params: Any) -> dict[str, Any]:
    """Return the plan for an account."""
    plan: dict[str, Any] = cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params).fetchone()[0][0]["Plan"]
    return plan


def prepared(cursor: Any, sql: str, params: Any) -> dict[str, Any]:
    """Return the plan of a statement that is planned once, for any account."""
    numbers = count(1)
    cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
    cursor.execute(f"PREPARE list_of_tasks AS {re.sub('%s', lambda _: f'${next(numbers)}', sql)}")
    values = psycopg.ClientCursor(cursor.connection).mogrify(", ".join(["%s"] * len(params)), params)
    plan = for_these_values(cursor, f"EXECUTE list_of_tasks ({values})", None)
    cursor.execute("DEALLOCATE list_of_tasks")
    return plan


def asked(plan: Plan) -> set[str]:
    """Return the partitions that a plan reads or writes."""
    return ALL & {node.get("Relation Name") for node in plan}


def get(persona: Persona, url: str) -> Any:
    response = persona.client.get(url)
    assert response.status_code == 200, response.content
    return response


@pytest.mark.parametrize("kept", KEPT, ids=["alone", "status", "priority"])
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_a_list_of_an_owner_is_read_from_an_index_of_one_partition(owner: Persona, ordering: str, kept: str) -> None:
    url = f"/tasks?ordering={ordering}{kept}"
    for deep in (False, True):
        (plan,), response = explained(lambda url=url: get(owner, url), for_these_values)
        check(plan, deep=deep)
        assert len(asked(plan)) == 1
        url = next_link(response) or ""


@pytest.mark.parametrize(
    "url",
    [
        "/tasks?ordering=due_at&due_after=2020-01-01T00:00:00Z",
        "/tasks?due_before=2020-01-01T00:00:00Z",
        f"/tasks/tasks?userId={OWNER}",
    ],
)
def test_a_due_range_and_the_resource_api_ask_one_partition(owner: Persona, url: str) -> None:
    (plan,), _ = explained(lambda: get(owner, url), for_these_values)

    assert len(asked(plan)) == 1


@pytest.mark.parametrize("ordering", ORDERINGS)
def test_a_list_that_is_prepared_for_any_owner_leaves_out_the_other_partitions(owner: Persona, ordering: str) -> None:
    (plan,), _ = explained(lambda: get(owner, f"/tasks?ordering={ordering}"), prepared)

    assert {node["Subplans Removed"] for node in plan if "Subplans Removed" in node} == {partitions.COUNT - 1}
    assert len(asked(plan)) == 1


def test_what_happens_to_a_task_asks_the_partition_of_its_owner_alone(owner: Persona) -> None:
    task = Task.objects.owned_by(OWNER).first()
    url = f"/tasks/{task.pk}"
    acts = {
        "show": lambda: owner.client.get(url),
        "create": lambda: owner.client.post("/tasks", {"title": "x"}),
        "change": lambda: owner.client.patch(url, {"title": "changed"}),
        "delete": lambda: owner.client.delete(url),
    }
    for name, act in acts.items():
        plans, response = explained(act, for_these_values)
        assert response.status_code in (200, 201), response.content
        # Where a new row goes is not in its plan.
        assert {len(asked(plan)) for plan in plans if plan[-1]["Node Type"] != "Result"} == {1}, name


def test_an_account_is_erased_from_one_partition(owner: Persona) -> None:
    service = JSONClient(headers={SERVICE_KEY_HEADER: settings.SERVICE_KEY})
    plans, response = explained(lambda: service.delete(f"/internal/accounts/{OWNER}"), for_these_values)

    assert response.status_code == 204
    assert {len(asked(plan)) for plan in plans} == {1}


@pytest.mark.parametrize("kept", ["", "status=pending"])
def test_a_list_across_owners_asks_all_partitions(staff_of_many: Persona, kept: str) -> None:
    (plan,), _ = explained(lambda: get(staff_of_many, f"/tasks/tasks?{kept}"), for_these_values)

    assert asked(plan) == ALL
    assert {node["Node Type"] for node in plan} == {"Limit", "Merge Append", "Index Scan"}


@pytest.mark.parametrize("kept", ["search=a", "label=home"])
def test_words_and_labels_are_looked_up_in_the_index_of_every_partition(owner: Persona, kept: str) -> None:
    (plan,), _ = explained(lambda: get(owner, f"/tasks?{kept}"), for_these_values)

    assert asked(plan) == ALL
    assert "Bitmap Index Scan" in {node["Node Type"] for node in plan}
