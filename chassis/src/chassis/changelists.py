"""Lists of an admin that cost the same with a thousand and with a million rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import DateTimeField, QuerySet, Value
from django.http import HttpRequest
from django.utils import timezone

MOST_COUNTED = 10_000


class AtLeast(int):
    """A count that stopped early, and says so."""

    def __str__(self) -> str:
        return f"{int(self):d}+"


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # Not generic at run time.
    """Count no further than MOST_COUNTED rows: whoever looks for more narrows the list instead of leafing."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list.order_by()[: MOST_COUNTED + 1].count()  # type: ignore[attr-defined]  # A queryset.
        return AtLeast(MOST_COUNTED) if rows > MOST_COUNTED else rows


def is_uncounted(queryset: QuerySet[Any]) -> bool:
    """Tell whether there are more rows than BoundedPaginator counts."""
    return bool(queryset.order_by()[MOST_COUNTED : MOST_COUNTED + 1])


class BoundedChangeList(ChangeList):
    """A change list whose date hierarchy finds one row a period, instead of reading all rows of all periods."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        queryset = super().get_queryset(request, exclude_parameters)
        if self.date_hierarchy:
            periods = Periods(self.root_queryset, self.date_hierarchy, self.params)
            # The hierarchy asks these two of exactly this object. No index serves every filter, so it offers the
            # periods of all rows, those of the filtered ones among them.
            vars(queryset).update(aggregate=self.root_queryset.aggregate, datetimes=periods.datetimes)
        return queryset


class Periods:
    """Which years, months or days have rows, within the year or month that is open."""

    def __init__(self, queryset: QuerySet[Any], field: str, params: Mapping[str, Any]) -> None:
        self.rows = queryset.order_by()
        self.field = field
        self.year, self.month = (params.get(f"{field}__{part}") for part in ("year", "month"))

    def datetimes(self, field: str, kind: str) -> list[datetime]:
        """Answer QuerySet.datetimes with a bounded query."""
        looks = [
            self._within(start, _next(start, kind))
            .annotate(period=Value(start, DateTimeField()))
            .values_list("period", flat=True)[:1]
            for start in self._starts(kind)
        ]
        return sorted(looks[0].union(*looks[1:], all=True)) if looks else []

    def _starts(self, kind: str) -> Iterator[datetime]:
        rows = self.rows
        if self.year:
            opened = datetime(int(self.year), int(self.month or 1), 1, tzinfo=timezone.get_current_timezone())
            rows = self._within(opened, _next(opened, "month" if self.month else "year"))
        edges = [
            rows.order_by(order).values_list(self.field, flat=True).first() for order in (self.field, f"-{self.field}")
        ]
        if edges[0] is None:
            return
        first, last = (timezone.localtime(edge) for edge in edges)
        start = first.replace(hour=0, minute=0, second=0, microsecond=0)
        if kind != "day":
            start = start.replace(day=1, month=1 if kind == "year" else start.month)
        while start <= last:
            yield start
            start = _next(start, kind)

    def _within(self, start: datetime, end: datetime) -> QuerySet[Any]:
        return self.rows.filter(**{f"{self.field}__gte": start, f"{self.field}__lt": end})


def _next(start: datetime, kind: str) -> datetime:
    if kind == "day":
        return start + timedelta(days=1)
    if kind == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start.replace(year=start.year + 1)
