"""Statements that are made once and every call only binds, for what is read and written most.

Compiling a query costs Django several times what PostgreSQL needs for one that an index answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from django.db import connection
from django.db.models import Expression, Model, QuerySet

# Rows that one statement deletes.
PORTION = 5_000


@dataclass(frozen=True, slots=True)
class Rows:
    """What a statement found: the names of its columns, and a tuple for each row."""

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
    """The SQL of a queryset whose filters are Parameters."""

    def __init__(self, queryset: QuerySet[Any, Any], columns: tuple[str, ...]) -> None:
        self.columns = columns
        self.sql, self.parameters = queryset.values(*columns).query.sql_with_params()

    def run(self, **values: Any) -> Rows:
        bound = [values[each.name] if isinstance(each, Parameter) else each for each in self.parameters]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, bound)
            return Rows(self.columns, cursor.fetchall())


@dataclass(frozen=True, eq=False)
class RowQuery:
    """A query for columns; `narrow` gives the queryset for filters, which it gets as expressions."""

    narrow: Callable[..., QuerySet[Any, Any]]
    columns: tuple[str, ...]

    def read(self, **filters: Any) -> Rows:
        return self._statement(*filters).run(**filters)

    @lru_cache(maxsize=100)  # noqa: B019  # A query is made once, with its module.
    def _statement(self, *names: str) -> Statement:
        return Statement(self.narrow(**{name: Parameter(name) for name in names}), self.columns)


def delete_some(rows: QuerySet[Any, Any]) -> bool:
    """Delete a portion of rows, a fraction of a second's work, and tell whether none is left.

    A million at once would run into the limit of a statement's time, each time anew.
    """
    rows.model._default_manager.filter(pk__in=rows.values("pk")[:PORTION]).delete()
    # To count the deleted tells less: others may have deleted of the same portion.
    return not rows.exists()


def insert(instance: Model) -> None:
    """Insert a new row of the instance's attributes; they go to psycopg as they are.

    The rest of what `save(force_insert=True)` does is left out: signals, what fields do before they are saved (such as
    `auto_now`, uploads or an automatic key), and turning values into what the database takes (such as JSON).
    """
    sql, names = _insertion(type(instance))
    with connection.cursor() as cursor:
        cursor.execute(sql, [getattr(instance, name) for name in names])
    instance._state.adding, instance._state.db = False, connection.alias


@cache
def _insertion(model: type[Model]) -> tuple[str, list[str]]:
    """Return the SQL that inserts a row, and the attributes to bind to it."""
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    table, *columns = map(connection.ops.quote_name, [model._meta.db_table, *(field.column for field in fields)])
    places = ", ".join(["%s"] * len(columns))
    sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  # The model's own names.
    return sql, [field.attname for field in fields]
