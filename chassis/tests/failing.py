"""Views in which something goes wrong, and what can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from chassis.exceptions import ServiceUnavailable
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from tests.notes import TitleTaken, UserUnknown


def lost_connection() -> OperationalError:
    error = OperationalError("connection to server at 10.0.0.7 failed: password=hunter2")
    error.__cause__ = TimeoutError("10.0.0.7")
    return error


def refusal(sqlstate: str) -> Callable[[], Exception]:
    """Return what makes an error of PostgreSQL's, as Django raises it."""

    def refuse() -> Exception:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'hunter2' USING ERRCODE = '{sqlstate}'; END $$")
        except DatabaseError as error:
            return error
        raise AssertionError

    return refuse


# Errors by position, as the API framework reports them for lists.
LONG_LABEL: Any = {1: ["Too long."]}

WRONG_ROW: Any = {99: {"title": ["Wrong."]}}

FAILURES: dict[str, Callable[[], Exception]] = {
    "crash": lambda: RuntimeError("password=hunter2"),
    "operational": lost_connection,
    "interface": lambda: InterfaceError("connection already closed"),
    # A read-only transaction, a full disk, a server that shuts down or starts; and a broken index.
    **{f"sqlstate-{code}": refusal(code) for code in ("25006", "53100", "57P01", "57P03", "XX002")},
    "suspicious": lambda: SuspiciousOperation("SECRET_SETTING exceeded"),
    "bad-request": lambda: BadRequest("SECRET_SETTING"),
    "too-big": lambda: RequestDataTooBig("settings.DATA_UPLOAD_MAX_MEMORY_SIZE"),
    "denied": lambda: PermissionDenied("password=hunter2"),
    "missing": lambda: Http404("password=hunter2"),
    "unavailable": lambda: ServiceUnavailable("The other is unavailable."),
    "throttled": lambda: Throttled(7.0),
    "taken": TitleTaken,
    "unknown-user": lambda: UserUnknown({"userId": ["There is no such user."]}),
    "invalid": lambda: ValidationError("Wrong."),
    "invalid-fields": lambda: ValidationError({"title": "Wrong.", "labels": LONG_LABEL}),
    "invalid-long": lambda: ValidationError({"title": ["x" * 201], "rank": ["y" * 200]}),
    "invalid-rows": lambda: ValidationError(WRONG_ROW),
}


class FailingView(APIView):
    """A view in which something goes wrong."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request, name: str) -> NoReturn:
        raise FAILURES[name]()


def fail(request: HttpRequest, name: str) -> HttpResponse:
    """Fail outside of the API framework."""
    raise FAILURES[name]()
