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
from typing import Any
from uuid import UUID

import orjson
from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.db.models.expressions import Combinable, CombinedExpression, OrderBy
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param


class InvalidCursor(ValidationError):
    """The cursor is not one that this list made."""

    def __init__(self) -> None:
        super().__init__({"cursor": ["This is not a cursor of this list in this order."]})


@dataclass(frozen=True)
class SortKey:
    """One way to order a list: the indexed expression, and how a cursor's value becomes a value of its type."""

    expression: Combinable
    parse: Callable[[Any], Any]


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
    """Rows of one page, and the cursor of the next if there is one."""

    rows: list[Any]
    next_cursor: str | None


def keyset_page(
    queryset: QuerySet[Any, Any],
    sort_keys: Mapping[str, SortKey],
    *,
    ordering: str,
    page_size: int,
    cursor: str | None = None,
) -> Page:
    """Return one page of a queryset in an order such as `-created_at`; raise InvalidCursor."""
    descending, name = ordering.startswith("-"), ordering.removeprefix("-")
    key = sort_keys[name]
    if cursor is not None:
        value, row_id = _decode(cursor, ordering, key)
        queryset = queryset.filter(_after(key.expression, value, row_id, descending))
    ordered = queryset.order_by(OrderBy(key.expression, descending), OrderBy(F("pk"), descending))
    rows = list(ordered[: page_size + 1])
    more = len(rows) > page_size
    del rows[page_size:]
    return Page(rows, _encode(ordering, name, rows[-1]) if more else None)


def page_response(request: Request, page: Page, rows: Any, page_size: int) -> Response:
    """Return a page as a response whose next page is in a Link header (RFC 8288) and, enveloped, in `meta`."""
    url = None
    if page.next_cursor:
        url = replace_query_param(request.build_absolute_uri(), "cursor", page.next_cursor)
    response = Response(rows, headers={"Link": f'<{url}>; rel="next"'} if url else None)
    response.meta = {"next": url, "page_size": page_size}  # type: ignore[attr-defined]  # The envelope reads it.
    return response


def _after(expression: Combinable, value: Any, row_id: UUID, descending: bool) -> CombinedExpression:
    operator = "<" if descending else ">"
    # A bare text would be taken for the name of a column.
    position = value if isinstance(value, Combinable) else Value(value)
    here, there = _row(expression, F("pk")), _row(position, Value(row_id))
    return CombinedExpression(here, operator, there, output_field=BooleanField())


def _row(*expressions: Any) -> Func:
    return Func(*expressions, function="ROW", output_field=BooleanField())


def _encode(ordering: str, name: str, row: Model | Mapping[str, Any]) -> str:
    read = row.__getitem__ if isinstance(row, Mapping) else row.__getattribute__
    position = orjson.dumps([ordering, read(name), read("pk" if isinstance(row, Model) else "id")])
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
