"""The database backend: Django's own, with a cheaper look at kept connections and timestamps parsed in C."""

from __future__ import annotations

import select
from time import monotonic
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.adapt import AdaptersMap
from psycopg.pq import TransactionStatus
from psycopg.types.datetime import TimestamptzLoader


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's PostgreSQL, for connections whose time zone is UTC."""

    connected_at = 0.0
    # Of all connections of the process: those made before are not used again.
    replaced_at = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.connected_at = monotonic()
        return super().get_new_connection(conn_params)

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        # Django's own loader sets the time zone in Python, value by value; in UTC psycopg's, in C, gives the same.
        params["context"] = AdaptersMap(params["context"])
        params["context"].register_loader("timestamptz", TimestamptzLoader)
        return params

    def create_cursor(self, name: str | None = None) -> Any:
        # Django's own method looks for the time zone in its own loader. A cursor with a name is one of the server's.
        return self.connection.cursor(name or "")

    def is_usable(self) -> bool:
        """Return whether a query can be sent: by a look at the connection, where Django sends one per request.

        After an error the server is asked whether it takes writes: the old primary of a failover does not.
        """
        connection = self.connection
        if connection is None or connection.closed or is_ended(connection):
            return False
        if connection.info.transaction_status == TransactionStatus.INERROR:
            return False
        if self.errors_occurred and not takes_writes(connection):
            replace_connections()
        return self.connected_at > DatabaseWrapper.replaced_at


def replace_connections() -> None:
    """Let every thread of the process connect anew for its next request: the server has refused writes.

    After a failover those that only read would stay with the old primary, and each would refuse a write of its own.
    """
    DatabaseWrapper.replaced_at = monotonic()


def is_ended(connection: Any) -> bool:
    """Return whether the server has spoken unasked, which it does to an idle connection to end it."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def takes_writes(connection: Any) -> bool:
    """Return whether the server takes writes: no standby, and not told to read only."""
    try:
        return bool(connection.execute("SHOW transaction_read_only").fetchone()[0] == "off")
    except psycopg.Error:
        return False
