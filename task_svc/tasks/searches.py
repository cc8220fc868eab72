"""A search may read all tasks of an account: few at once, for a second at most."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from chassis.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled
from rest_framework.exceptions import Throttled

AT_ONCE = 2
MILLISECONDS = 1000


class SearchTooSlow(ValidationError):
    """The search found too many tasks that might match."""

    default_code = "search_too_slow"

    def __init__(self) -> None:
        super().__init__({"search": ["This takes too long; search for rarer words, or without quotation marks."]})

    def get_codes(self) -> str:
        return self.default_code


@contextmanager
def searching(user_id: UUID) -> Iterator[None]:
    """Bound what is read within the block; raise Throttled or SearchTooSlow."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Both end with the transaction.
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(MILLISECONDS)])
            if not any(_takes(cursor, f"search {number} of {user_id}") for number in range(AT_ONCE)):
                raise Throttled(1)
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooSlow from error
        raise


def _takes(cursor: Any, place: str) -> bool:
    cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [place])
    return bool(cursor.fetchone()[0])
