from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable
from chassis.logging import JSONFormatter, configuration
from chassis.testing import JSONClient
from chassis.tracing import TraceMiddleware, call_span, trace_arguments, trace_job
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError, connection
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from chassis import spans, tracing
from tests.conftest import LogLines
from tests.peers import Peer, held, reply

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


class Collector:
    """What a collector has received."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer

    def spans(self) -> list[Span]:
        spans.provider_of(os.getpid()).force_flush()
        bodies = [ExportTraceServiceRequest.FromString(each.body) for each in list(self.peer.requests)]
        parts = [part for body in bodies for of_service in body.resource_spans for part in of_service.scope_spans]
        return [span for part in parts for span in part.spans]

    def named(self, name: str) -> Span:
        (span,) = [each for each in self.spans() if each.name == name]
        return span


def attributes(span: Span) -> dict[str, Any]:
    return {each.key: each.value.string_value or each.value.int_value for each in span.attributes}


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Tracing as it is with a collector, for the length of a test."""
    with Peer() as peer:
        peer.behave = reply(b"")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", peer.url)
        monkeypatch.setattr(tracing, "ENABLED", True)
        yield Collector(peer)
        spans.provider_of(os.getpid()).shutdown()
        spans.provider_of.cache_clear()
        spans._tracer_of.cache_clear()


OFF = """
import sys, django
django.setup()
from django.core.handlers.wsgi import WSGIHandler
import chassis.gunicorn
from chassis.clients import ServiceClient
WSGIHandler()
try:
    ServiceClient("nobody", "http://127.0.0.1:1", "key").call("GET", "/")
except Exception as error:
    assert type(error).__name__ == "ServiceUnavailable", error
print([name for name in sys.modules if name.startswith("opentelemetry")])
"""


@pytest.mark.parametrize(("endpoint", "imported"), [("", False), ("http://127.0.0.1:9", True)])
def test_opentelemetry_is_imported_only_where_there_is_a_collector(endpoint: str, imported: bool) -> None:
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "LOG_LEVEL": "CRITICAL"}
    result = subprocess.run([sys.executable, "-c", OFF], env=environment, capture_output=True, text=True, check=True)

    assert (result.stdout != "[]\n") == imported


def test_without_a_collector_nothing_is_recorded() -> None:
    job = SimpleNamespace(task_kwargs={"traceparent": TRACEPARENT, "service": "x"}, task_name="erase")

    with pytest.raises(MiddlewareNotUsed):
        TraceMiddleware(lambda request: None)  # type: ignore[arg-type,return-value]  # It is never called.
    with call_span("peer", None) as answered:  # type: ignore[arg-type]  # It is never looked at.
        answered(200)
    assert trace_arguments() == {}
    assert trace_job(lambda: dict(job.task_kwargs), SimpleNamespace(job=job), None) == {"service": "x"}
    assert "span_ids" not in configuration("x")["filters"]


@pytest.mark.django_db
def test_a_request_is_a_span_of_the_caller_s_trace(collector: Collector, client: Any) -> None:
    assert JSONClient().get("/status/204?search=private", headers={"traceparent": TRACEPARENT}).status_code == 204

    (span,) = collector.spans()
    assert (span.name, span.kind) == ("GET /status/<int:status>", Span.SPAN_KIND_SERVER)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert attributes(span) == {
        "http.request.method": "GET",
        "http.route": "/status/<int:status>",
        "http.response.status_code": 204,
    }
    assert span.status.code == Status.STATUS_CODE_UNSET


def test_a_failed_request_is_an_error_without_its_words(collector: Collector) -> None:
    assert JSONClient().get("/fails/private").status_code == 500

    span = collector.named("GET /fails/<name>")
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert b"private" not in span.SerializeToString()
    assert not span.parent_span_id


@pytest.mark.django_db
def test_statements_are_spans_without_their_values(collector: Collector) -> None:
    JSONClient().get("/health")

    request = collector.named("GET /health")
    statements = [each for each in collector.spans() if each.parent_span_id == request.span_id]
    assert "SELECT" in {each.name for each in statements}
    assert all(attributes(each)["db.query.text"] for each in statements)


@pytest.mark.django_db
def test_a_statement_that_fails_names_its_error_alone(collector: Collector) -> None:
    def fail() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", ["private"])

    job = SimpleNamespace(task_kwargs={}, task_name="counting")
    with pytest.raises(DatabaseError):
        trace_job(fail, SimpleNamespace(job=job), None)

    span = collector.named("SELECT")
    assert (span.status.code, attributes(span)["error.type"]) == (Status.STATUS_CODE_ERROR, "DataError")
    assert b"private" not in span.SerializeToString()
    assert collector.named("counting").status.code == Status.STATUS_CODE_ERROR


def test_a_call_takes_its_span_to_the_other_service(
    collector: Collector, peer: Peer, client_of_peer: ServiceClient
) -> None:
    client_of_peer.call("GET", "/things/private")

    span = collector.named("GET peer")
    sent = peer.requests[0].headers["traceparent"]
    assert sent.startswith(f"00-{span.trace_id.hex()}-{span.span_id.hex()}-")
    assert (span.kind, attributes(span)["http.response.status_code"]) == (Span.SPAN_KIND_CLIENT, 200)
    assert b"private" not in span.SerializeToString()


def test_a_call_that_fails_is_an_error(collector: Collector, peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = reply({}, 404)
    client_of_peer.call("GET", "/things")
    assert collector.named("GET peer").status.code == Status.STATUS_CODE_ERROR

    peer.behave = reply({}, 500)
    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("POST", "/things")
    assert attributes(collector.named("POST peer"))["error.type"] == "UnusableAnswer"


@pytest.mark.django_db
def test_a_job_is_a_span_of_the_trace_that_deferred_it(collector: Collector) -> None:
    with spans.span("request", spans.SpanKind.SERVER, {}):
        job = SimpleNamespace(task_kwargs={"service": "x", **trace_arguments()}, task_name="erase")
    assert trace_job(lambda: dict(job.task_kwargs), SimpleNamespace(job=job), None) == {"service": "x"}

    request, done = collector.named("request"), collector.named("erase")
    assert (done.trace_id, done.parent_span_id) == (request.trace_id, request.span_id)
    assert done.kind == Span.SPAN_KIND_CONSUMER


def test_log_lines_name_their_span(collector: Collector, log_lines: LogLines) -> None:
    # The fixture's: it is the last, and ends with the test.
    ours = [each for each in logging.getLogger().handlers if isinstance(each.formatter, JSONFormatter)][-1]
    ours.addFilter(spans.SpanIds())
    JSONClient().get("/status/204")
    logging.getLogger("thing").warning("outside of any request")
    span = collector.named("GET /status/<int:status>")

    log_lines.read()
    of_request = next(line for line in log_lines if line["logger"] == "chassis.request")
    assert (of_request["trace_id"], of_request["span_id"]) == (span.trace_id.hex(), span.span_id.hex())
    assert of_request["request_id"]
    assert all("trace_id" not in line for line in log_lines if line["logger"] == "thing")
    assert configuration("x")["handlers"]["stdout"]["filters"] == ["span_ids"]


def test_spans_that_a_collector_does_not_take_are_dropped(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "EXPORT_SECONDS", 20.0)
    entered, release = threading.Event(), threading.Event()
    collector.peer.behave = held(entered, release, reply(b""))

    for number in range(spans.BATCH + 2 * spans.QUEUE):
        with spans.span(str(number), spans.SpanKind.INTERNAL, {}):
            pass
        if number == spans.BATCH:
            assert entered.wait(10)
    release.set()

    names = [int(each.name) for each in collector.spans()]
    assert 0 < len(names) <= 2 * spans.BATCH + spans.QUEUE
    assert max(names) == spans.BATCH + 2 * spans.QUEUE - 1
