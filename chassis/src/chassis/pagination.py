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
from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

import orjson
from django.db.models import BooleanField, Expression, F, Func
from django.db.models.expressions import CombinedExpression, OrderBy
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from chassis.contracts import timestamp
from chassis.db.rows import BoundQuery, Parameter, RowQuery, Rows, Shape, Statement
from chassis.renderers import dumps

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
    """One way to order a list: the indexed expression, and what reads its value from a cursor, a timestamp by default.

    `ranges` names the filters that bound this key. With one of them rows are read from this key's index; for any other
    order the matches are sorted, because scanning that order's index could read all rows.
    """

    expression: Expression | F
    read: Callable[[Any], Any] = timestamp
    ranges: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Page:
    """The rows of one page, and the cursor of the next if there is one."""

    rows: Rows
    next_cursor: str | None


class KeysetPagination(BasePagination):
    """Pages of a ListAPIView in the order of one of the sort keys: `ordering`, unless the query string names one."""

    sort_keys: ClassVar[Mapping[str, SortKey]] = {"created_at": SortKey(F("created_at"))}
    ordering = "-created_at"

    @classmethod
    def orderings(cls) -> list[str]:
        """Return the orders that a query string may name."""
        return [sign + name for name in cls.sort_keys for sign in ("", "-")]

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> Any:
        self.request, self.page_size = request, view.query["page_size"]
        ordering = view.query.get("ordering", self.ordering)
        page = self.page_of(queryset, ordering, self.page_size, view.query.get("cursor"))
        # Not the rows: a view and its request hold each other until the garbage collector comes.
        self.next_cursor = page.next_cursor
        return page.rows

    def get_paginated_response(self, data: Any) -> Response:
        """Return a page whose next page is in a Link header (RFC 8288) and, enveloped, in `meta`."""
        url = None
        if self.next_cursor:
            url = replace_query_param(self.request.build_absolute_uri(), "cursor", self.next_cursor)
        response = Response(data, headers={"Link": f'<{url}>; rel="next"'} if url else None)
        meta = {"next": url, "next_cursor": self.next_cursor, "page_size": self.page_size}
        response.meta = meta  # type: ignore[attr-defined]  # The envelope reads it.
        return response

    @classmethod
    def page_of(cls, bound: BoundQuery, ordering: str, page_size: int, cursor: str | None = None) -> Page:
        """Return one page in an order such as `-created_at`; raise InvalidCursor.

        A page of large rows ends early; its cursor goes on after the last of them.
        """
        values = {**bound.values, "limit": page_size + 1}
        if cursor is not None:
            key = cls.sort_keys[ordering.removeprefix("-")]
            values["after_value"], values["after_id"] = _decode(cursor, ordering, key)
        statement = cls._statement(bound.query, bound.shape, ordering, deep=cursor is not None)
        rows = statement.run(values)
        kept = fitting(rows.values[:page_size])
        if len(rows.values) == kept:
            return Page(rows, None)
        del rows.values[kept:]
        last = dict(zip(rows.columns, rows.values[-1], strict=True))
        return Page(rows, _encode(ordering, last, statement.key))

    @classmethod
    @lru_cache(maxsize=1000)
    def _statement(cls, query: RowQuery, shape: Shape, ordering: str, *, deep: bool) -> Statement:
        """Return the statement of a page: the first one, or a deep one, after a row."""
        descending = ordering.startswith("-")
        name = ordering.removeprefix("-")
        key, filters = cls.sort_keys[name], {filter_name for filter_name, _ in shape}
        # A key that a filter holds to one value orders nothing; compared too, it would hide where in the index to go.
        position: tuple[Expression | F, ...] = (F("pk"),) if name in filters else (key.expression, F("pk"))
        queryset = query.queryset(shape)
        if deep:
            there = _row(*[Parameter("after_value"), Parameter("after_id")][-len(position) :])
            operator = "<" if descending else ">"
            following = CombinedExpression(_row(*position), operator, there, output_field=BooleanField())
            queryset = queryset.filter(following)
        if any(each.ranges & filters for each in cls.sort_keys.values() if each is not key):
            # The same order, as one value that no index has.
            position = (_row(*position),)
        ordered = queryset.order_by(*(OrderBy(each, descending) for each in position))
        return Statement(ordered, query.columns, limited=True)


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
        return key.read(value), UUID(row_id)
    except (binascii.Error, ValueError, TypeError, AttributeError, OverflowError, ValidationError) as error:
        raise InvalidCursor from error
