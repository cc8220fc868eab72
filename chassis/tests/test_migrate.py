from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from chassis.management.commands.migrate import expanding
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate
from psycopg import sql

sessions = import_module("django.contrib.sessions.migrations.0001_initial")

# This one only changes the state of the models.
EXPANDING = ("admin", "0003_logentry_add_action_flag_choices")
CONTRACTING = ("sessions", "0001_initial")


def show(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        value: str = cursor.fetchone()[0]
    return value


@pytest.mark.django_db
def test_a_migration_may_take_as_long_as_it_needs() -> None:
    seen = []

    def look(**kwargs: Any) -> None:
        seen.append(show("statement_timeout"))

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '5s'")
    post_migrate.connect(look)
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        post_migrate.disconnect(look)

    assert set(seen) == {"0"}


@pytest.fixture
def _role_as_before(transactional_db: None) -> Iterator[None]:
    """Take from the role what a test has given it: it would stay for later runs on the same database."""
    yield
    call_command("migrate", verbosity=0, interactive=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        database = sql.Identifier(cursor.fetchone()[0])
        reset = sql.SQL("ALTER ROLE CURRENT_USER IN DATABASE {} RESET random_page_cost")
        cursor.execute(reset.format(database))  # type: ignore[arg-type]  # Django's stubs know only text.
    connection.close()


@pytest.mark.usefixtures("_role_as_before")
def test_every_session_of_the_role_has_the_settings_of_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    role_settings = {"statement_timeout": "5s", "random_page_cost": "1.25"}
    monkeypatch.setitem(connection.settings_dict, "ROLE_SETTINGS", role_settings)

    call_command("migrate", verbosity=0, interactive=False)
    shown = {name: show(name) for name in role_settings}
    connection.close()

    assert shown == {"statement_timeout": "0", "random_page_cost": "1.25"}
    assert {name: show(name) for name in role_settings} == role_settings


class Expanding(Migration):
    """A migration that both releases can live with."""


class Contracting(Migration):
    """A migration after which the release before fails."""

    contracts = True


def test_expanding_ends_before_the_first_migration_that_contracts() -> None:
    plan = [
        Expanding("0001", "notes"),
        Expanding("0001", "labels"),
        Expanding("0002", "notes"),
        Contracting("0003", "notes"),
        Expanding("0002", "labels"),
    ]

    assert expanding(plan) == {"notes": "0002", "labels": "0001"}
    assert expanding(plan[:2]) == {"notes": "0001", "labels": "0001"}


@pytest.mark.django_db
def test_a_migration_that_contracts_is_applied_without_expand_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = MigrationRecorder(connection)
    for app, name in (EXPANDING, CONTRACTING):
        recorder.record_unapplied(app, name)
    monkeypatch.setattr(sessions.Migration, "contracts", True, raising=False)
    monkeypatch.setattr(sessions.Migration, "operations", [])

    call_command("migrate", expand=True, verbosity=0, interactive=False)
    expanded = recorder.applied_migrations().keys()
    call_command("migrate", verbosity=0, interactive=False)

    assert EXPANDING in expanded
    assert CONTRACTING not in expanded
    assert CONTRACTING in recorder.applied_migrations()


@pytest.mark.django_db
def test_a_schema_that_is_newer_than_the_code_is_refused() -> None:
    MigrationRecorder(connection).record_applied("sessions", "9999_of_the_next_release")

    with pytest.raises(CommandError, match=r"^The database is newer than this version, .* sessions.9999_of_the_next"):
        call_command("migrate", verbosity=0, interactive=False)


@pytest.mark.django_db
def test_a_migration_that_was_squashed_since_is_no_sign_of_a_newer_schema() -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("sessions", "0000_squashed_since")
    recorder.record_applied("an_app_that_was_removed", "0001_initial")

    call_command("migrate", verbosity=0, interactive=False)


@pytest.mark.django_db
def test_a_worker_can_wait_until_the_schema_is_expanded(monkeypatch: pytest.MonkeyPatch) -> None:
    recorder = MigrationRecorder(connection)
    recorder.record_applied("sessions", "9999_of_the_next_release")
    call_command("migrate", "--expand", "--check", verbosity=0)

    recorder.record_unapplied(*CONTRACTING)
    with pytest.raises(SystemExit):
        call_command("migrate", "--expand", "--check", verbosity=0)

    monkeypatch.setattr(sessions.Migration, "contracts", True, raising=False)
    call_command("migrate", "--expand", "--check", verbosity=0)
