"""One failure shape for everything that can go wrong, inside a view and outside of one."""

from __future__ import annotations

import logging
import sys
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

from chassis import contracts
from chassis.exceptions import PayloadTooLarge, ServiceUnavailable
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
        code = exc.get_codes()
        message = f"The request is not valid: {', '.join(details)}."
        return contracts.failure(
            code if isinstance(code, str) else "validation_error", message, details, request_id.get()
        )
    detail: Any = exc.detail
    code = getattr(detail, "code", None) or exc.default_code
    return contracts.failure(str(code), str(detail), getattr(exc, "details", None), request_id.get())


def failure_response(exc: exceptions.APIException) -> HttpResponse:
    """Return a failure as a plain Django response, for code that runs outside a view."""
    response = HttpResponse(dumps(failure_body(exc)), "application/json", exc.status_code)
    wait = getattr(exc, "wait", None)
    if wait is not None:
        response["Retry-After"] = str(int(wait))
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400."""
    return failure_response(_as_api_exception(exception))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return failure_response(exceptions.PermissionDenied())


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404."""
    return failure_response(exceptions.NotFound(f"There is nothing at {request.path}."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500: a database that is away is a 503, anything else our own fault."""
    exc = _as_api_exception(sys.exc_info()[1] or Exception())
    if not isinstance(exc, exceptions.APIException):
        exc = exceptions.APIException(code="server_error")
    return failure_response(exc)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW."""
    return failure_response(exceptions.PermissionDenied(f"CSRF verification failed: {reason}", "csrf_failed"))


def _as_api_exception(exc: Exception | BaseException) -> Any:
    """Translate Django's and psycopg's exceptions into DRF's; leave the others alone."""
    match exc:
        case RequestDataTooBig():
            return PayloadTooLarge()
        case BadRequest() | SuspiciousOperation():
            # Django's own words name settings, and advise to change them.
            return exceptions.ParseError("The request is malformed, or meant for another host.", "bad_request")
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case OperationalError() | InterfaceError():
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


def _message(error: Any) -> str:
    text = str(error)
    return text if len(text) <= MESSAGE_LENGTH else f"{text[:MESSAGE_LENGTH]}…"
