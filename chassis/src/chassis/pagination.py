"""Keyset pagination: a page costs the same at any depth, and rows that come or go never shift the others.

The next page starts after the last row's (sort key, id), compared as one row value (SQL:1999, F641), which PostgreSQL
answers from the index that the order itself comes from. A cursor is a position, not a permission: it is applied within
the queryset that the caller may see.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db.models import BooleanField, Expression, F, Func, QuerySet
from django.db.models.expressions import CombinedExpression, OrderBy
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from chassis.renderers import dumps
from chassis.rows import Parameter, Rows, Statement

# No page makes more bytes of JSON than this, unless its only row does: the gateway buffers whole answers, so that slow
# clients hold no threads of a service.
MAX_PAGE_BYTES = 1024 * 1024
# What a row makes of JSON beside its texts, at most: identifiers, timestamps, a list of labels, the names of all.
ROW_BYTES = 8 * 1024
# Of these, the names of the fields.
NAMES_BYTES = 512
# A character at most, as \u0000.
CHARACTER_BYTES = 6


class InvalidCursor(ValidationError):
    """The cursor is not one that this list made."""

    def __init__(self) -> None:
        super().__init__({"cursor": ["This is not a cursor of this list in this order."]})


@dataclass(frozen=True)
class SortKey:
    """One way to order a list: the indexed expression, and how a cursor's value becomes a value of its type.

    `ranges` are the filters that are bounds of this key. What they keep is read from its index; in any other order it
    is sorted then, instead of looked for in all rows.
    """

    expression: Expression | F
    parse: Callable[[Any], Any]
    ranges: frozenset[str] = frozenset()


def text(value: Any) -> str:
    """Read a text from a cursor."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a text")
    return value


def integer(value: Any) -> int:
    """Read a small number from a cursor."""
    if type(value) is not int or abs(value) > 2**15 - 1:
        raise ValueError("not a small integer")
    return value


def instant(value: Any) -> datetime:
    """Read an instant from a cursor."""
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("not an instant")
    # PostgreSQL knows fewer offsets than Python.
    return moment.astimezone(UTC)


@dataclass(frozen=True)
class Page:
    """The rows of one page, and the cursor of the next if there is one."""

    rows: Rows
    next_cursor: str | None


@dataclass(frozen=True, eq=False)
class KeysetList:
    """A list of some columns of a model, in pages.

    `narrow` gives the queryset for filters, which it gets as expressions. There is one statement for each combination
    of filters, order and page size.
    """

    narrow: Callable[..., QuerySet[Any, Any]]
    columns: tuple[str, ...]
    sort_keys: Mapping[str, SortKey]

    def page(self, *, ordering: str, page_size: int, cursor: str | None = None, **filters: Any) -> Page:
        """Return one page in an order such as `-created_at`; raise InvalidCursor.

        A page of large rows ends early; its cursor goes on after the last of them.
        """
        values = filters
        if cursor is not None:
            value, row_id = _decode(cursor, ordering, self.sort_keys[ordering.removeprefix("-")])
            values = {**filters, "after_value": value, "after_id": row_id}
        statement, key = self._statement(ordering, page_size, tuple(sorted(values)))
        rows = statement.run(**values)
        kept = fitting(rows.values[:page_size])
        if len(rows.values) == kept:
            return Page(rows, None)
        del rows.values[kept:]
        last = dict(zip(self.columns, rows.values[-1], strict=True))
        return Page(rows, _encode(ordering, last, key))

    @lru_cache(maxsize=1000)  # noqa: B019  # A list is made once, with its module.
    def _statement(self, ordering: str, page_size: int, names: tuple[str, ...]) -> tuple[Statement, str]:
        """Return the statement for values of these names, and the column of the primary key."""
        descending = ordering.startswith("-")
        name = ordering.removeprefix("-")
        key = self.sort_keys[name]
        # A key that a filter holds to one value orders nothing; compared too, it would hide where in the index to go.
        position: tuple[Expression | F, ...] = (F("pk"),) if name in names else (key.expression, F("pk"))
        after = {"after_value", "after_id"}
        queryset = self.narrow(**{name: Parameter(name) for name in names if name not in after})
        if after <= set(names):
            there = _row(*[Parameter("after_value"), Parameter("after_id")][-len(position) :])
            operator = "<" if descending else ">"
            following = CombinedExpression(_row(*position), operator, there, output_field=BooleanField())
            queryset = queryset.filter(following)
        if any(each.ranges & {*names} for each in self.sort_keys.values() if each is not key):
            # The same order, as one value that no index has.
            position = (_row(*position),)
        ordered = queryset.order_by(*(OrderBy(each, descending) for each in position))
        return Statement(ordered[: page_size + 1], self.columns), queryset.model._meta.pk.attname


def fitting(rows: list[tuple[Any, ...]]) -> int:
    """Return how many of the rows, one at least, make no more than MAX_PAGE_BYTES of JSON."""
    characters = sum(len(value) for row in rows for value in row if type(value) is str)
    if len(rows) * ROW_BYTES + characters * CHARACTER_BYTES <= MAX_PAGE_BYTES:
        return len(rows)
    left = MAX_PAGE_BYTES
    for number, row in enumerate(rows):
        left -= len(dumps(row)) + NAMES_BYTES
        if left < 0:
            return max(number, 1)
    return len(rows)


def page_response(request: Request, page: Page, rows: Any, page_size: int) -> Response:
    """Return a page as a response whose next page is in a Link header (RFC 8288) and, enveloped, in `meta`."""
    url = None
    if page.next_cursor:
        url = replace_query_param(request.build_absolute_uri(), "cursor", page.next_cursor)
    response = Response(rows, headers={"Link": f'<{url}>; rel="next"'} if url else None)
    response.meta = {"next": url, "page_size": page_size}  # type: ignore[attr-defined]  # The envelope reads it.
    return response


def _row(*expressions: Any) -> Func:
    return Func(*expressions, function="ROW", output_field=BooleanField())


def _encode(ordering: str, row: Mapping[str, Any], key: str) -> str:
    position = orjson.dumps([ordering, row[ordering.removeprefix("-")], row[key]])
    return base64.urlsafe_b64encode(position).rstrip(b"=").decode()


def _decode(cursor: str, ordering: str, key: SortKey) -> tuple[Any, UUID]:
    try:
        position = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        made_for, value, row_id = position
        if made_for != ordering:
            raise InvalidCursor
        return key.parse(value), UUID(row_id)
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError) as error:
        raise InvalidCursor from error
