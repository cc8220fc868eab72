from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import post_migrate


def statement_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        limit: str = cursor.fetchone()[0]
    return limit


@pytest.mark.django_db
def test_a_migration_may_take_as_long_as_it_needs() -> None:
    seen = []

    def look(**kwargs: Any) -> None:
        seen.append(statement_timeout())

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '5s'")
    post_migrate.connect(look)
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        post_migrate.disconnect(look)

    assert set(seen) == {"0"}
