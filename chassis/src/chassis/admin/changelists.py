"""Lists of an admin that cost the same with a thousand and with a million rows."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

MOST_COUNTED = 10_000


class AtLeast(int):
    """A count that stopped early, and says so."""

    def __str__(self) -> str:
        return f"{int(self):d}+"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # Not generic at run time.
    """Count no further than MOST_COUNTED rows: to find more, a reader searches or filters."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list.order_by()[: MOST_COUNTED + 1].count()  # type: ignore[attr-defined]  # A queryset.
        return AtLeast(MOST_COUNTED) if rows > MOST_COUNTED else rows


def is_uncounted(queryset: QuerySet[Any]) -> bool:
    """Return whether there are more rows than BoundedPaginator counts."""
    return bool(queryset.order_by()[MOST_COUNTED : MOST_COUNTED + 1])
