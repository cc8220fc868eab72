from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from chassis.postgresql.base import DatabaseWrapper
from django.db import connection

from tests.models import Note

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pooled() -> Iterator[DatabaseWrapper]:
    """The test database through a pool of one connection, as a service has it."""
    options = {**connection.settings_dict["OPTIONS"], "pool": {"min_size": 1, "max_size": 1, "timeout": 3}}
    wrapper: Any = DatabaseWrapper({**connection.settings_dict, "OPTIONS": options}, "pooled")
    yield wrapper
    wrapper.close()
    wrapper.close_pool()


def ask(database: Any, statement: str, *parameters: Any) -> Any:
    with database.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


def test_a_pooled_connection_is_used_again(pooled: DatabaseWrapper) -> None:
    first = ask(pooled, "SELECT pg_backend_pid()")
    pooled.close()

    assert ask(pooled, "SELECT pg_backend_pid()") == first


def test_a_pooled_connection_whose_server_process_has_gone_is_replaced(pooled: DatabaseWrapper) -> None:
    first = ask(pooled, "SELECT pg_backend_pid()")
    pooled.close()
    assert ask(connection, "SELECT pg_terminate_backend(%s, 5000)", first) is True

    assert ask(pooled, "SELECT pg_backend_pid()") != first


def test_instants_are_read_in_utc() -> None:
    moment = datetime(2026, 1, 1, 12, 30, 0, 123456, tzinfo=UTC)
    Note.objects.create(title="a", created_at=moment)

    read = Note.objects.get().created_at

    assert (read, read.tzinfo) == (moment, UTC)
    assert [note.created_at for note in Note.objects.iterator()] == [moment]
