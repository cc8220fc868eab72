"""A search may read all tasks of an account: few at once, for a second at most."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from chassis.db.locks import try_lock
from chassis.metrics.instruments import limit_refusals
from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled
from rest_framework.exceptions import Throttled, ValidationError

AT_ONCE = 2
MILLISECONDS = 1000
# PostgreSQL does not count that the documents of long tasks are stored apart: it might read the whole table, which is
# slower than the index of the words. Both end with the transaction.
BOUNDS = "SELECT set_config('enable_seqscan', 'off', true), set_config('statement_timeout', %s, true)"


class SearchTooSlow(ValidationError):
    """The search found too many tasks that might match."""

    default_code = "search_too_slow"

    def __init__(self) -> None:
        super().__init__({"search": ["This takes too long; search for rarer words, or without quotation marks."]})


@contextmanager
def searching(user_id: UUID) -> Iterator[None]:
    """Bound what is read within the block; raise Throttled or SearchTooSlow."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(BOUNDS, [str(MILLISECONDS)])
            if not any(try_lock(f"search {number} of {user_id}") for number in range(AT_ONCE)):
                limit_refusals.labels("search").inc()
                raise Throttled(1)
            yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooSlow from error
        raise
