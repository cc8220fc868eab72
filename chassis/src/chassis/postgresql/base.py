"""The database backend: Django's own, with a cheaper look at kept connections and instants parsed in C."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from psycopg.adapt import AdaptersMap
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestamptzLoader


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL, for connections whose time zone is UTC."""

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        # Django's own loader sets the time zone in Python, value by value; in UTC psycopg's, in C, gives the same.
        params["context"] = AdaptersMap(params["context"])
        params["context"].register_loader("timestamptz", TimestamptzLoader)
        return params

    def create_cursor(self, name: str | None = None) -> Any:
        # Django's own method looks for the time zone in its own loader.
        if name is None:
            return self.connection.cursor()
        # Of `iterator()`: outside of a transaction it must outlive the statement that opens it.
        return self.connection.cursor(name, scrollable=False, withhold=self.connection.autocommit)

    def is_usable(self) -> bool:
        """Tell whether a query can be sent: by a look at the connection, where Django sends one per request."""
        connection = self.connection
        if connection is None or connection.closed or is_ended(connection):
            return False
        return bool(connection.info.transaction_status != TransactionStatus.INERROR)


def is_ended(connection: Any) -> bool:
    """Tell whether the server has spoken unasked, which it does to an idle connection to end it."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
