"""Which requests a process is answering; each worker shows how many about once a second.

Counting each of them in the shared files, twice a request, took half of what all metrics took.
"""

from __future__ import annotations

from collections import Counter
from threading import get_ident

from prometheus_client import Gauge

active_requests = Gauge(
    "http_server_active_requests",
    "Requests that are being answered.",
    ["http_request_method"],
    multiprocess_mode="livesum",
)
# Their methods, by the threads that answer them.
_answering: dict[int, str] = {}
_shown: set[str] = set()


def begin(method: str) -> None:
    """Note that this thread answers a request."""
    _answering[get_ident()] = method


def end() -> None:
    """Note that it is answered."""
    _answering.pop(get_ident(), None)


def show() -> None:
    """Set the gauge."""
    # In one step, beside the threads that change it.
    counts = Counter(list(_answering.values()))
    _shown.update(counts)
    for method in _shown:
        active_requests.labels(method).set(counts[method])
