"""The cost of a list: every order, alone or with status or priority, is read from an index, at any depth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from chassis.testing import AuthStub, Persona
from chassis.testing.acts import next_link, prepared
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

ORDERINGS = [sign + name for name in ("created_at", "updated_at", "due_at", "priority", "title") for sign in ("", "-")]
OWNER = UUID("01890000-0000-7000-8000-000000000001")

FILL = """
INSERT INTO tasks_task
    (id, user_id, title, description, status, priority, due_at, labels, completed_at, version, created_at, updated_at)
SELECT
    gen_random_uuid(),
    ('01890000-0000-7000-8000-00000000000' || n %% 8 + 1)::uuid,
    md5(n::text),
    '',
    (ARRAY['pending', 'in_progress', 'in_progress', 'completed', 'completed', 'completed'])[(n / 8) %% 6 + 1],
    (n / 8) %% 4 + 1,
    CASE WHEN n %% 5 = 0 THEN NULL ELSE now() + n %% 1000 * interval '1 hour' END,
    '{}',
    CASE WHEN (n / 8) %% 6 > 2 THEN now() END,
    1,
    now() - n * interval '1 minute',
    now() - n %% 777 * interval '1 minute'
FROM generate_series(1, %s) AS n
"""


@pytest.fixture(scope="module")
def _many_tasks(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Give eight accounts 3,000 tasks each, once for all tests of this module."""
    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(FILL, [24_000])
        cursor.execute("ANALYZE tasks_task")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE tasks_task")


@pytest.fixture
def owner(_many_tasks: None, db: None, auth_service: AuthStub) -> Persona:
    """Somebody with 3,000 tasks."""
    persona = auth_service.add("owner")
    persona.id = OWNER
    return persona


@pytest.fixture
def staff_of_many(_many_tasks: None, db: None, staff: Persona) -> Persona:
    """Staff, where there are 24,000 tasks."""
    return staff


def planned(persona: Persona, url: str) -> tuple[list[dict[str, Any]], str | None]:
    """Get a list; return the nodes of the plan of its one query, and the address of its next page."""
    with CaptureQueriesContext(connection) as queries:
        response = persona.client.get(url)
    assert response.status_code == 200, response.content
    (statement,) = [query["sql"] for query in queries if "tasks_task" in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}".replace("%", "%%"))
        ((plan,),) = cursor.fetchall()
    nodes, pending = [], [plan[0]["Plan"]]
    while pending:
        node = pending.pop()
        nodes.append(node)
        pending += node.get("Plans", [])
    return nodes, next_link(response)


def check(nodes: list[dict[str, Any]], *, deep: bool) -> None:
    """Check that rows come in order from one index, from where the page starts."""
    assert [node["Node Type"] for node in nodes] == ["Limit", "Index Scan"]
    scan = nodes[1]
    condition = scan.get("Index Cond", "")
    assert bool(re.search(r"\bid\)? [<>]", condition)) == deep
    # PostgreSQL would look for it from the start: the index holds it at one value up to there.
    assert "(priority = " not in condition or "ROW(priority" not in condition
    assert "Filter" not in scan


@pytest.mark.parametrize("kept", ["", "&status=pending", "&priority=high"], ids=["alone", "status", "priority"])
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_an_order_is_read_from_an_index_at_any_depth(owner: Persona, ordering: str, kept: str) -> None:
    nodes, following = planned(owner, f"/tasks?ordering={ordering}&page_size=50{kept}")
    check(nodes, deep=False)
    for _ in range(4):
        assert following is not None
        nodes, following = planned(owner, following)
        check(nodes, deep=True)


@pytest.mark.parametrize("kept", ["", "&status=pending", f"&userId={OWNER}", f"&userId={OWNER}&status=completed"])
def test_the_resource_api_reads_its_order_from_an_index_for_staff(staff_of_many: Persona, kept: str) -> None:
    nodes, following = planned(staff_of_many, f"/tasks/tasks?page_size=50{kept}")
    check(nodes, deep=False)
    for _ in range(4):
        assert following is not None
        nodes, following = planned(staff_of_many, following)
        check(nodes, deep=True)


@pytest.mark.parametrize("ordering", ["-created_at", "due_at"])
@pytest.mark.parametrize("page_size", [1, 100])
@pytest.mark.parametrize("kept", ["search=a", "search=-a", "label=home", "label=home&search=a&status=pending"])
def test_what_is_searched_for_is_found_by_its_owner_and_words_alone(
    owner: Persona, kept: str, page_size: int, ordering: str
) -> None:
    nodes, _ = planned(owner, f"/tasks?page_size={page_size}&ordering={ordering}&{kept}")

    kinds = [node["Node Type"] for node in nodes]
    assert kinds == ["Limit", "Sort", "Bitmap Heap Scan", "Bitmap Index Scan", "Result"]
    assert nodes[3]["Index Name"] == "task_document"


@pytest.mark.parametrize("kept", ["due_after=2020-01-01", "due_before=2020-01-01"])
@pytest.mark.parametrize("ordering", ["due_at", "-created_at"])
def test_a_due_range_is_read_from_its_index(owner: Persona, ordering: str, kept: str) -> None:
    nodes, _ = planned(owner, f"/tasks?ordering={ordering}&{kept}")

    assert nodes[-1]["Index Name"] == "task_due"
    assert not any("Filter" in node for node in nodes)
    assert ("Sort" in [node["Node Type"] for node in nodes]) == (ordering != "due_at")


@pytest.mark.parametrize("accounts", [1, 10, 100, 300, 1000, 3000, 10_000])
def test_an_order_is_read_from_its_index_whatever_the_number_of_accounts(owner: Persona, accounts: int) -> None:
    """A prepared statement is planned for an account of average size, and an account need not be average."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE tasks_task ALTER user_id SET (n_distinct = {accounts})")
        cursor.execute("ANALYZE tasks_task (user_id)")

    for ordering, kept in product(ORDERINGS, ["", "&status=pending", "&priority=high"]):
        following: str | None = f"/tasks?ordering={ordering}{kept}"
        for _ in range(2):
            assert following is not None
            statement, response = prepared(owner.client, following)
            following = next_link(response)
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {statement}")
                ((plan,),) = cursor.fetchall()
            (scan,) = plan[0]["Plan"]["Plans"]
            assert scan["Node Type"] == "Index Scan", (ordering, kept, plan)
            assert not scan["Index Name"].startswith("task_all"), (ordering, kept, plan)
