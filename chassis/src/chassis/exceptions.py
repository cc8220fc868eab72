"""The exceptions that services answer with, beyond DRF's own; each names its status and its stable code."""

from __future__ import annotations

from rest_framework import exceptions, status


def code_of(exc: type[exceptions.APIException] | exceptions.APIException) -> str:
    """Return the `error.code` of an exception; a validation error's fields have codes of their own."""
    if exc.default_code == exceptions.ValidationError.default_code:
        return "validation_error"
    return str(getattr(getattr(exc, "detail", None), "code", None) or exc.default_code)


class MalformedRequest(exceptions.ParseError):
    """The request is not one that a view could read."""

    default_detail = "The request is malformed, or meant for another host."
    default_code = "bad_request"


class ServerError(exceptions.APIException):
    """The service has a fault of its own."""

    default_code = "server_error"


class MalformedJSON(exceptions.ParseError):
    """The body is not JSON, or nested too deeply."""

    default_code = "malformed_json"


class ServiceUnavailable(exceptions.APIException):
    """Something this service depends on is unavailable; trying again soon is right."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "A part of the system is unavailable; try again shortly."
    default_code = "service_unavailable"
    wait = 1


class Unauthorized(exceptions.APIException):
    """A 401 wherever it is raised: DRF makes its own a 403 in views that authenticate nobody."""

    status_code = status.HTTP_401_UNAUTHORIZED
    # RFC 6750, section 3.1.
    headers = {"WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'}


class TokenInvalid(Unauthorized):
    """The token is not one of ours, or no longer good."""

    default_detail = "The token is invalid, expired or revoked."
    default_code = "token_invalid"


class Conflict(exceptions.APIException):
    """The request contradicts what is stored."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = "The request conflicts with the current state."
    default_code = "conflict"


class LimitReached(Conflict):
    """The account holds as much as an account may."""

    default_detail = "The account has reached a limit."
    default_code = "limit_reached"


class PayloadTooLarge(exceptions.APIException):
    """The body is larger than the service reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_detail = "The request body is too large."
    default_code = "payload_too_large"
