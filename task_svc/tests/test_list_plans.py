"""The cost of a list: every order, alone or with status or priority, is read from an index, at any depth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from chassis.testing import AuthStub, Persona
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.plugin import DjangoDbBlocker

from tests.acts import next_link

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
    with django_db_blocker.unblock(), connection.cursor() as cursor:
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
    assert len(queries) == 1
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {queries[0]['sql']}".replace("%", "%%"))
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
    assert ("ROW(" in scan.get("Index Cond", "")) == deep
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


@pytest.mark.parametrize("page_size", [1, 100])
@pytest.mark.parametrize("kept", ["search=a", "label=home", "due_before=2040-01-01"])
def test_what_is_searched_for_is_read_without_other_accounts_rows(owner: Persona, kept: str, page_size: int) -> None:
    nodes, _ = planned(owner, f"/tasks?page_size={page_size}&{kept}")

    assert "Seq Scan" not in [node["Node Type"] for node in nodes]
    conditions = [node["Index Cond"] for node in nodes if "Index Cond" in node]
    assert any(str(OWNER) in condition for condition in conditions)
