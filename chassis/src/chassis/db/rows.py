"""Queries that are compiled once and then only bound, for what is read most.

Compiling a query costs Django several times what PostgreSQL needs for one that an index answers.

    TASKS = RowQuery(Task.objects.matching, columns=("id", "title"))

    rows = TASKS.filter(owner=owner, status="done")  # A BoundQuery: nothing has been asked yet.
    rows.read()                                      # Calls Task.objects.matching(owner=..., status=...) the first
                                                     # time that these two names come together, then only binds values.

The names that are filtered by are the Shape of a query, and each Shape has one Statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Expression, QuerySet

# Rows that one statement deletes.
PORTION = 5_000
# Rows that a stream reads at a time.
STREAMED = 200

# The names of filters; a value that is an expression is compiled, every other one is bound.
Shape = tuple[tuple[str, Expression | None], ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """The result of a statement: the names of its columns, and a tuple for each row."""

    columns: tuple[str, ...]
    values: list[tuple[Any, ...]]


class Parameter(Expression):
    """A value that a statement is given when it runs."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, list[Any]]:
        return "%s", [self]


class Statement:
    """The SQL of a queryset whose filters are Parameters; a limited one is also given its `limit`."""

    def __init__(self, queryset: QuerySet[Any, Any], columns: tuple[str, ...], *, limited: bool = False) -> None:
        self.columns, self.key = columns, queryset.model._meta.pk.attname
        sql, parameters = queryset.values(*columns).query.sql_with_params()
        self.sql = f"{sql} LIMIT %s" if limited else sql
        self.parameters = (*parameters, Parameter("limit")) if limited else parameters

    def run(self, values: Mapping[str, Any]) -> Rows:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._bound(values))
            return Rows(self.columns, cursor.fetchall())

    def stream(self, values: Mapping[str, Any]) -> Iterator[Rows]:
        """Yield all rows, some at a time, from a cursor of the server's, which ends with the transaction."""
        with connection.chunked_cursor() as cursor:
            cursor.execute(self.sql, self._bound(values))
            while rows := cursor.fetchmany(STREAMED):
                yield Rows(self.columns, rows)

    def _bound(self, values: Mapping[str, Any]) -> list[Any]:
        return [values[each.name] if isinstance(each, Parameter) else each for each in self.parameters]


@dataclass(frozen=True, eq=False)
class RowQuery:
    """Columns of the rows of `get_queryset`, which is called with the filters as expressions, once for each Shape."""

    get_queryset: Callable[..., QuerySet[Any, Any]]
    columns: tuple[str, ...]

    def filter(self, **values: Any) -> BoundQuery:
        return BoundQuery(self, values)

    def queryset(self, shape: Shape) -> QuerySet[Any, Any]:
        return self.get_queryset(**{name: Parameter(name) if given is None else given for name, given in shape})

    @lru_cache(maxsize=100)  # noqa: B019  # A query is made once, with its module.
    def statement(self, shape: Shape) -> Statement:
        return Statement(self.queryset(shape), self.columns)


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A query with the values of its filters."""

    query: RowQuery
    values: Mapping[str, Any]

    @property
    def shape(self) -> Shape:
        given = sorted(self.values.items(), key=itemgetter(0))
        return tuple((name, value if isinstance(value, Expression) else None) for name, value in given)

    def read(self) -> Rows:
        return self.query.statement(self.shape).run(self.values)

    def stream(self) -> Iterator[Rows]:
        return self.query.statement(self.shape).stream(self.values)


def delete_some(rows: QuerySet[Any, Any]) -> bool:
    """Delete a portion of rows, a fraction of a second's work, and return whether none is left.

    A million at once would run into the limit of a statement's time, each time anew.
    """
    # The rows' own conditions once more: they may name the shard.
    rows.filter(pk__in=rows.values("pk")[:PORTION]).delete()
    # The number of deleted rows does not say this: another transaction may have deleted some of the same ones.
    return not rows.exists()
