from __future__ import annotations

from importlib import import_module

import pytest
from chassis.testing import JSONClient, failure_of
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import DjangoAssertNumQueries

from tests.conftest import LogLines

sessions = import_module("django.contrib.sessions.migrations.0001_initial")


@pytest.mark.django_db
def test_a_service_with_its_database_is_healthy(client: JSONClient) -> None:
    response = client.get("/health")

    assert response.status_code == 200
    assert response.json() == {"status": "ok", "service": "chassis", "database": "ok"}


@pytest.mark.django_db
def test_health_is_asked_for_with_head_too(client: JSONClient) -> None:
    assert client.head("/health").status_code == 200


@pytest.mark.django_db
def test_a_service_whose_database_is_not_migrated_is_not_ready(client: JSONClient) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_unapplied("sessions", "0001_initial")

    response = client.get("/health")
    assert failure_of(response) == (503, "not_ready")
    assert response.headers["Retry-After"] == "1"

    recorder.record_applied("sessions", "0001_initial")
    assert client.get("/health").status_code == 200


@pytest.mark.django_db
def test_a_service_is_ready_before_a_migration_that_contracts(
    client: JSONClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")
    monkeypatch.setattr(sessions.Migration, "contracts", True, raising=False)

    assert client.get("/health").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_service_whose_database_another_role_has_migrated_says_so_once(
    client: JSONClient, log_lines: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ROLE_SETTINGS", {"statement_timeout": "5s", "work_mem": "77MB"})

    for _ in range(2):
        assert client.get("/health").status_code == 200

    log_lines.read()
    (warning,) = [line["message"] for line in log_lines if line["logger"] == "chassis.health"]
    assert warning.startswith(f"The role {connection.settings_dict['USER']} has not work_mem = 77MB: let `migrate`")


@pytest.mark.django_db
def test_a_migrated_database_is_not_examined_again(
    client: JSONClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/health")

    with django_assert_num_queries(1):
        assert client.get("/health").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_service_whose_database_only_reads_is_not_ready_and_looks_for_another(client: JSONClient) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")

    response = client.get("/health")

    assert failure_of(response) == (503, "not_ready")
    assert response.json()["message"] == "The database takes no writes."
    # The connection, of which alone that was true, is replaced for the next request.
    connection.close_if_unusable_or_obsolete()
    assert client.get("/health").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_service_without_its_database_lives_but_is_not_ready(
    client: JSONClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    assert failure_of(client.get("/health")) == (503, "not_ready")
    assert client.get("/health/live").json() == {"status": "ok", "service": "chassis"}


@pytest.mark.django_db(transaction=True)
def test_a_service_that_has_met_a_full_disk_is_not_ready_until_there_is_room(client: JSONClient) -> None:
    refused = client.get("/fails/sqlstate-53100")
    with connection.cursor() as cursor:
        cursor.execute("SET temp_file_limit = '64kB'")
    full = client.get("/health")
    with connection.cursor() as cursor:
        cursor.execute("RESET temp_file_limit")
    again = client.get("/health")

    assert (failure_of(refused), failure_of(full)) == ((503, "service_unavailable"), (503, "not_ready"))
    assert {each.json()["message"].partition(";")[0].rstrip(".") for each in (refused, full)} == {
        "The disk of the database is full"
    }
    assert again.status_code == 200
