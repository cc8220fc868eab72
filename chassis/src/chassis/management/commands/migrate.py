"""Migrations of releases that overlap: expand before the new code runs, contract after the old code has ended."""

from __future__ import annotations

from typing import Any

from django.core.management import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg import sql


class Command(migrate.Command):
    """Let a migration take as long as it needs; refuse a schema that is newer than the code.

    A migration that the release before cannot live with, such as one that drops a column, says `contracts = True`.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--expand",
            action="store_true",
            help="Stop before the first migration that contracts: the release before goes on with what is applied.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        give_settings_to_role(connection)
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        executor = MigrationExecutor(connection)
        newer = newer_than_the_code(executor.loader)
        # To ask whether anything is left to do changes nothing; the release before may, after a rollback.
        if newer and not options["check_unapplied"]:
            raise CommandError(f"The database is newer than this version, which does not know the migration {newer}.")
        if not options.pop("expand"):
            super().handle(*args, **options)
            return
        plan = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
        for app, name in expanding(plan).items():
            super().handle(*args, **options | {"app_label": app, "migration_name": name})


def give_settings_to_role(connection: Any) -> None:
    """Let all sessions of the role in this database have its ROLE_SETTINGS, this one among them."""
    with transaction.atomic(connection.alias), connection.cursor() as cursor:
        # PostgreSQL refuses two at once, such as those of two replicas that start.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('settings of the role')), current_database()")
        database = sql.Identifier(cursor.fetchone()[1])
        for name, value in connection.settings_dict["ROLE_SETTINGS"].items():
            setting = sql.SQL("SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            cursor.execute(sql.SQL("ALTER ROLE CURRENT_USER IN DATABASE {} {}").format(database, setting))
            cursor.execute(setting)


def settings_missing_of_role(connection: Any) -> list[str]:
    """Return which ROLE_SETTINGS this session has not, because another role has migrated the database."""
    expected: dict[str, str] = connection.settings_dict["ROLE_SETTINGS"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM unnest(%s::text[]) AS name", [list(expected)])
        found = dict(cursor.fetchall())
    return [f"{name} = {value}" for name, value in expected.items() if found[name] != value]


def newer_than_the_code(loader: MigrationLoader) -> str | None:
    """Return an applied migration with a higher number than any that its app has; lower ones were squashed since."""
    newest: dict[str, str] = {}
    for app, name in loader.disk_migrations:
        newest[app] = max(name, newest.get(app, ""))
    newer = sorted(f"{app}.{name}" for app, name in loader.applied_migrations if name > newest.get(app, name))
    return newer[-1] if newer else None


def expanding(plan: list[Migration]) -> dict[str, str]:
    """Return how far each app may go before the first migration that contracts."""
    targets: dict[str, str] = {}
    for migration in plan:
        if getattr(migration, "contracts", False):
            break
        targets[migration.app_label] = migration.name
    return targets
