"""Which constraint of the database a write violated."""

from __future__ import annotations

import psycopg
from django.db import IntegrityError


def violated_constraint(error: IntegrityError) -> str | None:
    """Return the name of the constraint, or None where PostgreSQL names none (a missing value has none)."""
    cause = error.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
