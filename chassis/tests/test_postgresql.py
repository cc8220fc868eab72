from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from chassis.db.postgresql.base import DatabaseWrapper, replace_connections, takes_writes
from django.db import InternalError, OperationalError, ProgrammingError, connection

from tests.models import Note

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept() -> Iterator[DatabaseWrapper]:
    """The test database as a thread of a service has it: one connection, looked at when a request begins."""
    wrapper: Any = DatabaseWrapper({**connection.settings_dict, "CONN_MAX_AGE": 3600}, "kept")
    yield wrapper
    wrapper.close()


def ask(database: Any, statement: str, *parameters: Any) -> Any:
    with database.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


def test_a_connection_is_kept_for_the_next_request(kept: DatabaseWrapper) -> None:
    first = ask(kept, "SELECT pg_backend_pid()")
    kept.close_if_unusable_or_obsolete()

    assert ask(kept, "SELECT pg_backend_pid()") == first


def test_a_connection_that_ended_between_requests_is_replaced(kept: DatabaseWrapper) -> None:
    first = ask(kept, "SELECT pg_backend_pid()")
    kept.close_if_unusable_or_obsolete()
    assert ask(connection, "SELECT pg_terminate_backend(%s, 5000)", first) is True

    assert ask(kept, "SELECT pg_backend_pid()") != first


def test_a_connection_that_ended_during_a_request_is_replaced_for_the_next(kept: DatabaseWrapper) -> None:
    with pytest.raises(OperationalError):
        ask(kept, "SELECT pg_terminate_backend(pg_backend_pid())")
    kept.close_if_unusable_or_obsolete()

    assert ask(kept, "SELECT 1") == 1


def test_a_connection_that_only_reads_is_replaced_after_it_refused_a_write(kept: DatabaseWrapper) -> None:
    first = ask(kept, "SELECT pg_backend_pid()")
    kept.connection.execute("SET default_transaction_read_only = on")

    with pytest.raises(InternalError, match="read-only"):
        ask(kept, "INSERT INTO tests_note (title, created_at, rank) VALUES ('a', now(), 1) RETURNING id")
    kept.close_if_unusable_or_obsolete()

    assert ask(kept, "SELECT pg_backend_pid()") != first


def test_when_one_connection_only_reads_every_other_of_the_process_is_replaced(kept: DatabaseWrapper) -> None:
    first = ask(kept, "SELECT pg_backend_pid()")
    kept.close_if_unusable_or_obsolete()

    replace_connections()

    assert ask(kept, "SELECT pg_backend_pid()") != first


def test_a_connection_is_kept_after_a_mistake_in_a_statement(kept: DatabaseWrapper) -> None:
    first = ask(kept, "SELECT pg_backend_pid()")
    with pytest.raises(ProgrammingError):
        ask(kept, "SELECT nonsense")
    kept.close_if_unusable_or_obsolete()

    assert ask(kept, "SELECT pg_backend_pid()") == first


def test_a_connection_that_ends_while_it_is_asked_takes_no_writes(kept: DatabaseWrapper) -> None:
    pid = ask(kept, "SELECT pg_backend_pid()")
    assert ask(connection, "SELECT pg_terminate_backend(%s, 5000)", pid) is True

    assert not takes_writes(kept.connection)


def test_what_was_never_connected_is_not_usable(kept: DatabaseWrapper) -> None:
    assert not kept.is_usable()


def test_instants_are_read_in_utc() -> None:
    moment = datetime(2026, 1, 1, 12, 30, 0, 123456, tzinfo=UTC)
    Note.objects.create(title="a", created_at=moment)

    read = Note.objects.get().created_at

    assert (read, read.tzinfo) == (moment, UTC)
    assert [note.created_at for note in Note.objects.iterator()] == [moment]
