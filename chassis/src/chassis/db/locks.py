"""Locks of PostgreSQL by name, which end with their transaction, whatever ends that; so they work behind a pooler."""

from __future__ import annotations

from django.db import connection


def try_lock(name: str) -> bool:
    """Take a lock for the rest of the transaction; return False if another transaction has it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [name])
        return bool(cursor.fetchone()[0])
