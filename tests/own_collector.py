"""A collector of a test's own: it takes OTLP over http, and keeps the spans for the test to look at."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass(frozen=True)
class Recorded:
    """A span, and the service that recorded it."""

    service: str
    span: Span

    @property
    def name(self) -> str:
        return self.span.name

    @property
    def trace(self) -> str:
        return self.span.trace_id.hex()

    @property
    def is_root(self) -> bool:
        return not self.span.parent_span_id


class Collector(ThreadingHTTPServer):
    """Answers what exports spans, unless it hangs or hangs up."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Export)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.received: list[Recorded] = []
        self.answers = threading.Event()
        self.answers.set()
        self.hangs_up = False
        self.unanswered = 0

    def verify_request(self, *_: Any) -> bool:
        """Close a connection at once while it hangs up; socketserver calls this name."""
        self.unanswered += self.hangs_up
        return not self.hangs_up

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Answer nothing within the block."""
        self.answers.clear()
        try:
            yield
        finally:
            self.answers.set()

    @contextmanager
    def hanging_up(self) -> Iterator[None]:
        """Take no connection within the block."""
        self.hangs_up = True
        try:
            yield
        finally:
            self.hangs_up = False

    def trace(self, trace: str) -> list[Recorded]:
        return [each for each in list(self.received) if each.trace == trace]

    def root(self, name: str) -> Recorded | None:
        """Return the newest span of a name that has no parent."""
        found = [each for each in list(self.received) if each.is_root and each.name == name]
        return found[-1] if found else None


class Export(BaseHTTPRequestHandler):
    """One batch of spans."""

    server: Collector

    def do_POST(self) -> None:  # http.server calls this name.
        body = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.server.answers.is_set():
            self.server.unanswered += 1
            self.server.answers.wait()
        for resource in body.resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            spans = [span for scope in resource.scope_spans for span in scope.spans]
            self.server.received += [Recorded(names["service.name"], span) for span in spans]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing: a line for each batch would be noise among the tests' own."""


@contextmanager
def own_collector() -> Iterator[Collector]:
    with Collector() as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        try:
            yield collector
        finally:
            collector.answers.set()
            collector.shutdown()
