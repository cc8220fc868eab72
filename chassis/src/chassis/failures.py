"""One failure shape for everything that can go wrong, inside a view and outside of one; browsers see it as a page."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, InternalError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from psycopg.errors import DiskFull, ReadOnlySqlTransaction
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from chassis import contracts
from chassis.debug import debug_page
from chassis.exceptions import MalformedRequest, PayloadTooLarge, ServerError, ServiceUnavailable, code_of
from chassis.health import HealthView
from chassis.logging import request_id
from chassis.renderers import dumps

logger = logging.getLogger(__name__)

# A message may quote what was sent, which may be as long as a body and grows when it is written as JSON.
MESSAGE_LENGTH = 200


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """Answer any exception of a view in the failure shape; DRF's own handler decides status and headers."""
    exc = _as_api_exception(exc)
    response = drf_exception_handler(exc, context)
    if response is not None and isinstance(exc, exceptions.APIException):
        response.data = failure_body(exc)
        for name, value in getattr(exc, "headers", {}).items():
            response[name] = value
    return response


def failure_body(exc: exceptions.APIException) -> dict[str, Any]:
    """Return the failure shape for an exception; a validation error names its fields."""
    if isinstance(exc, exceptions.ValidationError):
        details = _details(exc.detail)
        message = f"The request is not valid: {', '.join(details)}."
        body = contracts.failure(code_of(exc), message, details, request_id.get())
        body["error"]["fields"] = list(_fields(exc.detail))
        return body
    return contracts.failure(code_of(exc), str(exc.detail), getattr(exc, "details", None), request_id.get())


def failure_response(exc: exceptions.APIException, request: HttpRequest | None = None) -> HttpResponse:
    """Return a failure as a plain Django response, for code that runs outside a view; a page if that is requested."""
    body = failure_body(exc)
    if request is not None and wants_page(request):
        response = HttpResponse(failure_page(exc.status_code, body["message"]), status=exc.status_code)
    else:
        response = HttpResponse(dumps(body), "application/json", exc.status_code)
    wait = getattr(exc, "wait", None)
    if wait is not None:
        response["Retry-After"] = str(int(wait))
    return response


def wants_page(request: HttpRequest) -> bool:
    """Return whether a browser asks for one of settings.PAGES; whatever accepts JSON as well as HTML gets JSON."""
    preferred = request.get_preferred_type(["application/json", "text/html"])
    return request.path_info.startswith(settings.PAGES) and preferred == "text/html"


def wants_debug_page(request: HttpRequest) -> bool:
    return settings.DEBUG_PAGES and wants_page(request)


def failure_page(status: int, message: str) -> str:
    """Return a page in the look of the admin; it asks neither a session nor the database."""
    title = HTTPStatus(status).phrase
    context = {"site_header": settings.SPECTACULAR_SETTINGS["TITLE"], "title": title, "message": message}
    return render_to_string("chassis/failure.html", context)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return failure_response(_as_api_exception(exception), request)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return failure_response(exceptions.PermissionDenied(), request)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    if wants_debug_page(request):
        return debug_page(request)
    return failure_response(exceptions.NotFound(f"There is nothing at {request.path}."), request)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a database that is unavailable is a 503, anything else our own fault."""
    if wants_debug_page(request):
        return debug_page(request)
    exc = _as_api_exception(sys.exc_info()[1] or Exception())
    if not isinstance(exc, exceptions.APIException):
        exc = ServerError()
    return failure_response(exc, request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return failure_response(exceptions.PermissionDenied(f"CSRF verification failed: {reason}", "csrf_failed"), request)


def _as_api_exception(exc: Exception | BaseException) -> Any:
    """Translate Django's and psycopg's exceptions into DRF's; leave the others alone."""
    match exc:
        case RequestDataTooBig():
            return PayloadTooLarge()
        case BadRequest() | SuspiciousOperation():
            # Django's own words name settings, and advise to change them.
            return MalformedRequest()
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case OperationalError(__cause__=DiskFull()):
            logger.error("the disk of the database is full")
            HealthView.disk_is_full = True
            return ServiceUnavailable("The disk of the database is full; try again later.")
        # An internal error is our own fault, but for SQLSTATE 25006: the server is a standby, or told to read only.
        case OperationalError() | InterfaceError() | InternalError(__cause__=ReadOnlySqlTransaction()):
            logger.warning("database unavailable: %s", type(exc.__cause__ or exc).__name__)
            return ServiceUnavailable("The database is unavailable; try again shortly.")
    return exc


def _details(detail: Any) -> dict[str, Any]:
    """Return a validation error's detail as {field: [messages]}, nested only for lists of objects."""
    if isinstance(detail, dict):
        return {str(field): _flat(errors) for field, errors in detail.items()}
    return {"non_field_errors": _flat(detail)}


def _flat(errors: Any) -> Any:
    match errors:
        case dict() if all(isinstance(key, int) for key in errors):
            # A list of plain values: say at which position, in the field's own messages.
            return [f"{index}: {message}" for index, messages in errors.items() for message in _flat(messages)]
        case dict():
            return _details(errors)
        case list():
            return [_message(error) for error in errors]
    return [_message(errors)]


def _fields(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Return the code of each error with the path of its field, such as `labels.1` or `99.title`."""
    match detail:
        case dict():
            for name, errors in detail.items():
                yield from _fields(errors, f"{path}.{name}" if path else str(name))
        case list():
            for error in detail:
                yield from _fields(error, path)
        case _:
            yield {"field": path or "non_field_errors", "code": detail.code}


def _message(error: Any) -> str:
    text = str(error)
    return text if len(text) <= MESSAGE_LENGTH else f"{text[:MESSAGE_LENGTH]}…"
