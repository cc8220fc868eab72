"""Is this process alive, and can this service do its work? Other services' state never makes it red."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chassis.exceptions import ServiceUnavailable
from chassis.renderers import BareJSONRenderer


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
    """Say whether the service's own database is reachable and migrated."""

    # A schema, once found complete, stays complete for the life of a process.
    migrated = False

    def get(self, request: Request, **kwargs: Any) -> Response:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            if not HealthView.migrated:
                executor = MigrationExecutor(connection)
                HealthView.migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError as error:
            raise NotReady("The database is not reachable.") from error
        if not HealthView.migrated:
            raise NotReady("The database is not migrated.")
        return Response({"status": "ok", "service": settings.SERVICE_NAME, "database": "ok"})
