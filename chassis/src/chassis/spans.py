"""Spans of our own through OpenTelemetry's SDK: names and patterns, but no path, query, parameter or error message.

What a collector stores outlives the rows that it speaks of.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import requests
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Span,
    SpanKind,
    StatusCode,
    Tracer,
    format_span_id,
    format_trace_id,
    get_current_span,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from chassis.metrics.instruments import method_of, route_of

# Beyond this many spans that wait for the collector, new ones take the place of the oldest.
QUEUE = 2048
BATCH = 1024
# For each batch, so that a collector that hangs holds up the end of a process for less than gunicorn's patience.
EXPORT_SECONDS = 2.0

_propagator = TraceContextTextMapPropagator()
_making = threading.Lock()


def tracer() -> Tracer:
    """Return the tracer of this process: its thread, which exports, does not survive a fork."""
    with _making:
        return _tracer_of(os.getpid())


@cache
def _tracer_of(pid: int) -> Tracer:
    return provider_of(pid).get_tracer("chassis")


@cache
def provider_of(pid: int) -> TracerProvider:
    """Return what a process exports its spans with, also at its end."""
    provider = TracerProvider(resource=Resource.create({"service.name": settings.SERVICE_NAME}))
    exporter = OTLPSpanExporter(timeout=EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=QUEUE, max_export_batch_size=BATCH))
    return provider


@contextmanager
def span(name: str, kind: SpanKind, attributes: Mapping[str, Any], parent: Context | None = None) -> Iterator[Span]:
    """Record what is done inside; of an exception its type alone, since its message may quote a row."""
    with tracer().start_as_current_span(
        name, parent, kind, attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield current
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(StatusCode.ERROR)
            raise


@contextmanager
def server_span(request: HttpRequest) -> Iterator[Callable[[int], None]]:
    """Record a request and its statements; the gateway has taken away what a client says of its own trace."""
    method = method_of(request)
    parent = _propagator.extract({"traceparent": request.headers.get("traceparent", "")}, Context())
    with span(method, SpanKind.SERVER, {"http.request.method": method}, parent) as current:

        def answered(status: int) -> None:
            route = route_of(request)
            current.update_name(f"{method} {route}")
            current.set_attributes({"http.route": route, "http.response.status_code": status})
            if status >= 500:
                current.set_status(StatusCode.ERROR)

        with connection.execute_wrapper(_statement_span):
            yield answered


@contextmanager
def client_span(peer: str, request: requests.PreparedRequest) -> Iterator[Callable[[int], None]]:
    """Record a call to another service, and send the span's identity with it."""
    method = str(request.method)
    with span(f"{method} {peer}", SpanKind.CLIENT, {"http.request.method": method, "peer.service": peer}) as current:
        request.headers.update(carrier())

        def answered(status: int) -> None:
            current.set_attribute("http.response.status_code", status)
            # To a client of HTTP every failure is an error.
            if status >= 400:
                current.set_status(StatusCode.ERROR)

        yield answered


@contextmanager
def job_span(task: str, traceparent: str | None) -> Iterator[None]:
    """Record a job and its statements, in the trace of the request that deferred it or in one of its own."""
    parent = _propagator.extract({"traceparent": traceparent or ""}, Context())
    with span(task, SpanKind.CONSUMER, {}, parent), connection.execute_wrapper(_statement_span):
        yield


def _statement_span(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Record a statement as it is prepared, without its values: a wrapper of Django's."""
    text = str(sql)
    operation = text.split(maxsplit=1)[0].upper()
    attributes = {"db.system.name": "postgresql", "db.operation.name": operation, "db.query.text": text}
    with span(operation, SpanKind.CLIENT, attributes):
        return execute(sql, params, many, context)


def carrier() -> dict[str, str]:
    """Return the `traceparent` of the current span."""
    carried: dict[str, str] = {}
    _propagator.inject(carried)
    return carried


class SpanIds(logging.Filter):
    """Give a log record the ids of the span that it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        current = get_current_span().get_span_context()
        if current.is_valid:
            record.trace_id = format_trace_id(current.trace_id)
            record.span_id = format_span_id(current.span_id)
        return True
