"""The cost of a list: every order, alone or with status or priority, is read from an index, at any depth."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count, product
from typing import Any
from uuid import UUID

import pytest
from chassis.testing import AuthStub, Persona
from chassis.testing.acts import next_link
from django.db import connection, transaction
from pytest_django.plugin import DjangoDbBlocker

ORDERINGS = [sign + name for name in ("created_at", "updated_at", "due_at", "priority", "title") for sign in ("", "-")]
KEPT = ["", "&status=pending", "&priority=high"]
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


def planned(persona: Persona, url: str, *, generic: bool = False) -> tuple[list[dict[str, Any]], str | None]:
    """Get a list; return the nodes of the plan of its one query, and the address of its next page.

    The plan is the one for these values, or the generic one of a prepared statement; made where the query is.
    """
    plans: list[dict[str, Any]] = []

    def explain(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if "tasks_task" in sql:
            cursor = context["cursor"].cursor
            if generic:
                numbers = count(1)
                numbered = re.sub("%s", lambda _: f"${next(numbers)}", sql)
                cursor.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {numbered}")
            else:
                cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
            plans.append(cursor.fetchone()[0][0]["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        response = persona.client.get(url)
    assert response.status_code == 200, response.content
    (plan,) = plans
    return nodes_of(plan), next_link(response)


def nodes_of(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a plan and all that is below it."""
    nodes, pending = [], [plan]
    while pending:
        node = pending.pop()
        nodes.append(node)
        pending += node.get("Plans", [])
    return nodes


def check(nodes: list[dict[str, Any]], *, deep: bool) -> None:
    """Check that rows come in order from one index, from where the page starts."""
    assert [node["Node Type"] for node in nodes] == ["Limit", "Index Scan"]
    scan = nodes[1]
    condition = scan.get("Index Cond", "")
    assert bool(re.search(r"\bid\)? [<>]", condition)) == deep
    # PostgreSQL would look for it from the start: the index holds it at one value up to there.
    assert "(priority = " not in condition or "ROW(priority" not in condition
    assert "Filter" not in scan


@pytest.mark.parametrize("kept", KEPT, ids=["alone", "status", "priority"])
@pytest.mark.parametrize("ordering", ORDERINGS)
def test_an_order_is_read_from_an_index_at_any_depth(owner: Persona, ordering: str, kept: str) -> None:
    nodes, following = planned(owner, f"/tasks?ordering={ordering}&page_size=50{kept}")
    check(nodes, deep=False)
    for _ in range(4):
        assert following is not None
        nodes, following = planned(owner, following)
        check(nodes, deep=True)


@pytest.mark.parametrize(
    "kept", ["", "&status=pending", f"&userId={OWNER}", f"&userId={OWNER}&status=completed&ordering=-dueAt"]
)
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


# Of no task: a range of nearly all costs as much in an index that has a status or a priority before the date.
@pytest.mark.parametrize("kept", ["due_after=2100-01-01T00:00:00Z", "due_before=2020-01-01T00:00:00Z"])
@pytest.mark.parametrize("ordering", ["due_at", "-created_at"])
def test_a_due_range_is_read_from_its_index(owner: Persona, ordering: str, kept: str) -> None:
    nodes, _ = planned(owner, f"/tasks?ordering={ordering}&{kept}")

    assert nodes[-1]["Index Name"] == "task_due"
    assert not any("Filter" in node for node in nodes)
    assert ("Sort" in [node["Node Type"] for node in nodes]) == (ordering != "due_at")


@pytest.mark.parametrize("accounts", [1, 10, 100, 1000, 10_000, 24_000])
@pytest.mark.parametrize("generic", [True, False], ids=["prepared", "for these values"])
def test_an_order_is_read_from_its_index_whatever_the_number_of_accounts(
    owner: Persona, accounts: int, generic: bool
) -> None:
    with connection.cursor() as cursor:
        # The owner keeps 3,000 tasks; all others share the rest.
        cursor.execute(
            "UPDATE tasks_task SET user_id = lpad(to_hex(abs(hashtext(id::text)) %% %s), 32, '0')::uuid"
            " WHERE user_id <> %s",
            [accounts, OWNER],
        )
        cursor.execute("ANALYZE tasks_task (user_id)")

    for ordering, kept in product(ORDERINGS, KEPT):
        following: str | None = f"/tasks?ordering={ordering}{kept}"
        for _ in range(2):
            assert following is not None
            (_, scan, *others), following = planned(owner, following, generic=generic)
            assert not others, (ordering, kept, scan)
            assert scan["Node Type"] == "Index Scan", (ordering, kept, scan)
            assert not scan["Index Name"].startswith("task_all"), (ordering, kept, scan)


def test_every_index_is_read_by_some_list(owner: Persona, staff_of_many: Persona) -> None:
    own = [f"/tasks?ordering={ordering}{kept}" for ordering in ORDERINGS for kept in KEPT]
    own.append("/tasks?search=a")
    all_owners = ["/tasks/tasks", "/tasks/tasks?status=pending"]
    plans = [planned(persona, url)[0] for persona, urls in ((owner, own), (staff_of_many, all_owners)) for url in urls]
    read = {node["Index Name"] for plan in plans for node in plan if "Index Name" in node}

    with connection.cursor() as cursor:
        cursor.execute("SELECT indexname FROM pg_indexes WHERE tablename = 'tasks_task'")
        # A task is found by its id, and the admin reads what is due.
        assert {name for (name,) in cursor.fetchall()} - read == {"tasks_task_pkey", "task_all_due"}
