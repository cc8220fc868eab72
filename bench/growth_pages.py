"""The cost of the pages of lists in the database as it is: run by `bench growth`, in task_svc's own code.

Each statement is the one that the service runs, explained where it is run. A buffer is a page of 8 KiB that was looked
at, in memory or not; the milliseconds are the least of three, when what is needed is in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any
from uuid import UUID

import django
from django.db import connection, transaction
from django.utils import timezone

from bench.growth_rows import OWN, OWNER

django.setup()

from tasks.lexemes import lexeme  # noqa: E402  # Models need the set-up.
from tasks.models import ALL_OWNERS, Task  # noqa: E402
from tasks.pagination import TaskPagination  # noqa: E402
from tasks.quotas import COUNT_TASKS  # noqa: E402
from tasks.searches import searching  # noqa: E402
from tasks.views.mixins import TASKS  # noqa: E402

PAGE_SIZE = 50
ORDERINGS = ("-created_at", "updated_at", "due_at", "-priority", "title")
KEPT: dict[str, dict[str, Any]] = {"": {}, "status": {"status": "pending"}, "priority": {"priority": 2}}
# A tenth of the tasks, and a twentieth.
SCARCE: list[dict[str, Any]] = [{}, {"status": "in_progress"}, {"priority": 4}]
EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)"


class Explained:
    """The plans of what is run in its block."""

    def __init__(self) -> None:
        self.plans: list[Any] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if "tasks_task" in sql:
            cursor = context["cursor"].cursor
            cursor.execute(f"{EXPLAIN} {sql}", params)
            self.plans.append(cursor.fetchone()[0][0])
        return execute(sql, params, many, context)


@contextmanager
def explained() -> Iterator[Explained]:
    wrapper = Explained()
    with connection.execute_wrapper(wrapper):
        yield wrapper


def show(name: str, read: Callable[[], Any]) -> None:
    """Print the cost of what one call asks the database."""
    milliseconds, buffers, index = [], 0, ""
    for _ in range(3):
        with explained() as asked:
            read()
        milliseconds.append(sum(each["Execution Time"] for each in asked.plans))
        roots = [each["Plan"] for each in asked.plans]
        buffers = sum(each["Shared Hit Blocks"] + each["Shared Read Blocks"] for each in roots)
        index = ", ".join(indexes(roots))
    print(f"{name:52}{buffers:10,}{min(milliseconds):10.2f}  {index}", flush=True)


def indexes(nodes: list[dict[str, Any]]) -> list[str]:
    """Return what is read: indexes by name, or whole tables."""
    found = []
    for node in nodes:
        if "Index Name" in node:
            found.append(node["Index Name"])
        elif "Seq Scan" in node["Node Type"]:
            found.append("the whole table")
        found += indexes(node.get("Plans", []))
    return found


def cursor_at(owner: Any, ordering: str, filters: dict[str, Any], depth: int) -> str | None:
    """Return the cursor of a page so many rows deep, or None if there are fewer."""
    bound = TASKS.filter(owner=owner, **filters)
    cursor = None
    for _ in range(depth // 100):
        cursor = TaskPagination.page_of(bound, ordering, 100, cursor).next_cursor
        if cursor is None:
            break
    return cursor


def page(owner: Any, ordering: str, filters: dict[str, Any], cursor: str | None = None) -> Any:
    return TaskPagination.page_of(TASKS.filter(owner=owner, **filters), ordering, PAGE_SIZE, cursor)


def search(owner: UUID, filters: dict[str, Any]) -> None:
    with searching(owner):
        page(owner, "-created_at", {**filters, "owner_lexeme": lexeme("user", owner)})


def show_without(owner: UUID) -> None:
    """Print what the first page of each list of an owner costs when the index that it is read from is gone."""
    print(f"\n{'page of 50 rows, without the index that it needs':52}{'buffers':>10}{'ms':>10}  read from instead")
    for ordering, filters in product(ORDERINGS, SCARCE):
        read = partial(page, owner, ordering, filters)
        with explained() as asked:
            read()
        (index,) = indexes([asked.plans[0]["Plan"]])
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DROP INDEX {index}")
            show(f"{index}, {' '.join(map(str, filters.values()))}", read)
            transaction.set_rollback(True)


def main() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    print(f"\n{'page of 50 rows':52}{'buffers':>10}{'ms':>10}  read from")
    owner = UUID(OWNER)
    for ordering in ORDERINGS:
        for kept, filters in KEPT.items():
            name = " ".join(filter(None, ("own,", ordering, kept)))
            show(f"{name}, first", partial(page, owner, ordering, filters))
            deep = cursor_at(owner, ordering, filters, OWN // 10)
            show(f"{name}, after {OWN // 10:,}", partial(page, owner, ordering, filters, deep))
    show_without(owner)
    print()
    for kept in ("", "status"):
        show(f"staff, -created_at {kept}, first", partial(page, ALL_OWNERS, "-created_at", KEPT[kept]))
        deep = cursor_at(ALL_OWNERS, "-created_at", KEPT[kept], OWN)
        show(f"staff, -created_at {kept}, after {OWN:,}", partial(page, ALL_OWNERS, "-created_at", KEPT[kept], deep))
    everybody = Task.objects.across_owners()
    words = Task.objects.owned_by(owner).values_list("title", flat=True)[:1][0].lower().split()
    show("own, search, two words", partial(search, owner, {"search": " ".join(words[:2])}))
    show("own, search, a common word", partial(search, owner, {"search": "cfcd208495"}))
    show("own, label", partial(search, owner, {"label": lexeme("label", "label 5")}))
    now = timezone.now()
    due = {"due_after": now, "due_before": now + timedelta(days=1)}
    show("own, due within a day, -created_at", partial(page, owner, "-created_at", due))
    show("own, due within a day, due_at", partial(page, owner, "due_at", due))
    show("own, counted for the limit of tasks", partial(count, owner))
    show("admin, count up to 10,001", lambda: everybody.order_by()[:10_001].count())
    overdue = everybody.exclude(status="completed").filter(due_at__lt=now).order_by("due_at", "id")
    show("admin, overdue, first", lambda: list(overdue[:PAGE_SIZE]))


def count(owner: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNT_TASKS, [owner, OWN])


if __name__ == "__main__":
    main()
