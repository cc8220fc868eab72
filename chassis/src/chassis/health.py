"""Is this process alive, and can this service do its work? Other services' state never makes it red."""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.db.postgresql.base import replace_connections
from chassis.exceptions import ServiceUnavailable
from chassis.management.commands.migrate import expanding, settings_missing_of_role
from chassis.renderers import BareJSONRenderer

# More than it has memory for, so that PostgreSQL writes a file of some megabytes.
SPILLING = "SELECT count(*) FROM generate_series(1, 100000)"

logger = logging.getLogger(__name__)


class NotReady(ServiceUnavailable):
    """The service cannot do its work now."""

    default_code = "not_ready"


class LiveView(APIView):
    """Say that the process answers."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (BareJSONRenderer,)
    schema = None

    def get(self, request: Request) -> Response:
        return Response({"status": "ok", "service": settings.SERVICE_NAME})


class HealthView(LiveView):
    """Say whether the service's own database is reachable, takes writes and is migrated.

    Migrations that contract are none of its business: they wait until the release before has ended.
    """

    # A schema, once found complete, stays complete for the life of a process.
    migrated = False
    # Whether the disk had no room for a write of this process, and has had none since; no read shows that.
    disk_is_full = False

    def get(self, request: Request) -> Response:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SHOW transaction_read_only")
                read_only = cursor.fetchone() == ("on",)
            if read_only:
                replace_connections()
                raise NotReady("The database takes no writes.")
            if HealthView.disk_is_full:
                find_room()
                HealthView.disk_is_full = False
            if not HealthView.migrated:
                executor = MigrationExecutor(connection)
                plan = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
                HealthView.migrated = not expanding(plan)
                warn_of_another_role()
        except DatabaseError as error:
            raise NotReady("The database is not reachable.") from error
        if not HealthView.migrated:
            raise NotReady("The database is not migrated.")
        return Response({"status": "ok", "service": settings.SERVICE_NAME, "database": "ok"})


def warn_of_another_role() -> None:
    """Log, once a process, that the settings of this role are missing: another one has migrated the database."""
    missing = settings_missing_of_role(connection)
    if missing:
        logger.warning(
            "The role %s has not %s: let `migrate` run as this role, or give it the settings by ALTER ROLE.",
            connection.settings_dict["USER"],
            ", ".join(missing),
        )


def find_room() -> None:
    """Raise NotReady unless the disk of the database has room again."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64kB'")
            cursor.execute(SPILLING)
    except DatabaseError as error:
        raise NotReady("The disk of the database is full.") from error
