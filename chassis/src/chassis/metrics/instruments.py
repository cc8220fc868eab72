"""The metrics of every service, under OpenTelemetry's names; a service adds its own beside these.

Under gunicorn the numbers are in files that all workers of a service share (chassis/metrics/slots.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.http import HttpRequest
from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import Metric

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Any client can invent methods and paths; none of them makes a series.
OTHER_METHOD = "_OTHER"
UNKNOWN_ROUTE = "unknown"
# Asked all the time by those who watch a service; it is not what the service is for.
WATCHING = re.compile(r".*/(health(/live)?|stats)")

# The semantic conventions for HTTP metrics name these boundaries, in seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)

request_durations = Histogram(
    "http_server_request_duration_seconds",
    "Duration of requests.",
    ["http_request_method", "http_route", "http_response_status_code"],
    buckets=BUCKETS,
)
call_durations = Histogram(
    "http_client_request_duration_seconds",
    "Duration of calls to other services: answered, unavailable, or refused by the circuit breaker.",
    ["peer", "outcome"],
    buckets=BUCKETS,
)
token_lookups = Counter(
    "token_lookups",
    "Tokens looked up: fresh in memory, asked of auth_svc, shared with a call under way, stale, refused, unavailable.",
    ["outcome"],
)
limit_refusals = Counter("rate_limit_refusals", "Requests refused by a limit.", ["limit"])

Reader = Callable[[], Iterable[Metric]]
database_readers: list[Reader] = []


def read_from_database(reader: Reader) -> Reader:
    """Have a function called for each scrape, in a thread that may wait for the database, to return metrics."""
    database_readers.append(reader)
    return reader


def method_of(request: HttpRequest) -> str:
    """Return the method of a request, if it is one of HTTP's own."""
    method = request.method or ""
    return method if method in METHODS else OTHER_METHOD


def route_of(request: HttpRequest) -> str:
    """Return the pattern that the path of a request matches."""
    match = request.resolver_match
    return f"/{match.route}" if match else UNKNOWN_ROUTE


@cache
def is_watching(route: str) -> bool:
    """Return whether a route only says how the service is."""
    return WATCHING.fullmatch(route) is not None


@cache
def lookups(outcome: str) -> Counter:
    """Return the counter of one outcome; `labels` would take longer than the counting."""
    return token_lookups.labels(outcome)


@cache
def durations(method: str, route: str, status: int) -> Any:
    """Return the histogram of one kind of answer."""
    return request_durations.labels(method, route, str(status))
