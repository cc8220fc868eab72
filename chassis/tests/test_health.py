from __future__ import annotations

import pytest
from chassis.testing import JSONClient, failure_of
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import DjangoAssertNumQueries


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
def test_a_migrated_database_is_not_examined_again(
    client: JSONClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/health")

    with django_assert_num_queries(1):
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
