"""Middleware of every service: request id and log line, a bound on bodies, slashes, the content security policy."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from time import perf_counter
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import is_valid_path

from chassis.contracts import REQUEST_ID_HEADER
from chassis.exceptions import PayloadTooLarge
from chassis.failures import failure_response
from chassis.logging import request_id
from chassis.metrics import active, minutes
from chassis.metrics.instruments import durations, is_watching, method_of, route_of

# Nothing inline, nothing from elsewhere (CSP level 3). Icons in style sheets are data.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
GetResponse = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger("chassis.request")
_well_formed = re.compile(r"[\w.-]{1,64}", re.ASCII).fullmatch


class RequestLogMiddleware:
    """Give the request its id (the gateway's, if it sent one), answer with it, log one line about it, and measure it.

    The line holds the path but neither query nor body: they may carry private text or credentials.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        identifier = given if _well_formed(given) else uuid4().hex
        token = request_id.set(identifier)
        method = method_of(request)
        active.begin(method)
        try:
            response = self.get_response(request)
            response[REQUEST_ID_HEADER] = identifier
            # RFC 9110, section 8.6: these statuses have no length of their own.
            bodiless = response.status_code in (204, 304)
            if not response.streaming and not bodiless and not response.has_header("Content-Length"):
                response["Content-Length"] = str(len(response.content))
            duration = perf_counter() - started
            route = route_of(request)
            durations(method, route, response.status_code).observe(duration)
            if not is_watching(route):
                minutes.count(duration, failed=response.status_code >= 500)
            logger.info(
                "%s %s %s",
                request.method,
                request.path,
                response.status_code,
                extra={"duration_ms": round(duration * 1000, 1)},
            )
        finally:
            active.end()
            request_id.reset(token)
        return response


class BodyLimitMiddleware:
    """Refuse a body that is too large before anything acts on the request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH")
        if length and length.isdecimal() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return failure_response(PayloadTooLarge())
        return self.get_response(request)


class TrailingSlashMiddleware:
    """Read /things/ as /things: tolerated, and never redirected, since a redirect turns a POST into a GET."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path.endswith("/") and not is_valid_path(path) and is_valid_path(path[:-1]):
            request.path_info = path[:-1]
        return self.get_response(request)


class ContentSecurityPolicyMiddleware:
    """Give every page its content security policy."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response
