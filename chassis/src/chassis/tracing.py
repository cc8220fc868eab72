"""Where spans begin: requests, calls, jobs. Without OTEL_EXPORTER_OTLP_ENDPOINT OpenTelemetry is not even imported."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import requests
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from chassis.environment import Env

# OpenTelemetry's own settings, which its SDK reads from the environment; so does Caddy.
ENABLED = bool(Env().str("OTEL_EXPORTER_OTLP_ENDPOINT", default=""))
# The argument in which a job keeps the span that deferred it (W3C Trace Context).
TRACEPARENT = "traceparent"


class TraceMiddleware:
    """Make each request a span, first of all, so that its log lines, statements and calls belong to that span."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not ENABLED:
            raise MiddlewareNotUsed
        from chassis.spans import server_span

        self.get_response, self.server_span = get_response, server_span

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with self.server_span(request) as answered:
            response = self.get_response(request)
            answered(response.status_code)
        return response


def call_span(peer: str, request: requests.PreparedRequest) -> AbstractContextManager[Callable[[int], None]]:
    """Record a call to another service as a span, whose identity goes with the request; yield what takes the status."""
    if not ENABLED:
        return nullcontext(_ignore)
    from chassis.spans import client_span

    return client_span(peer, request)


def _ignore(status: int) -> None:
    """Do nothing: traces are off."""


def trace_arguments() -> dict[str, str]:
    """Return the argument that a job is deferred with, so that it belongs to the current trace."""
    if not ENABLED:
        return {}
    from chassis.spans import carrier

    return carrier()


def trace_job(call_next: Callable[[], Any], context: Any, worker: Any) -> Any:
    """Run a job as a span of the trace that it was deferred in: a task middleware of Procrastinate."""
    # Its task knows no such argument, and a job may be older than a change of the settings.
    traceparent = context.job.task_kwargs.pop(TRACEPARENT, None)
    if not ENABLED:
        return call_next()
    from chassis.spans import job_span

    with job_span(context.job.task_name, traceparent):
        return call_next()
