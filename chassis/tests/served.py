"""An application for gunicorn, which shows what of its requests is executed."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterable
from typing import Any

from chassis.metrics import active, minutes
from chassis.metrics.exposition import with_metrics
from chassis.metrics.instruments import limit_refusals
from chassis.wsgi import with_whole_bodies


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the path, and read no body.

    `/hold/PORT` first waits for that port, `/note` writes to a file, `/count` counts, `/minutes` says
    how often of late, and `/die` kills the worker.
    """
    path = environ["PATH_INFO"]
    if path == "/count":
        limit_refusals.labels("test").inc()
        minutes.count(0.02, failed=False)
    if path == "/die":
        active.begin("GET")
        active.show()
        os.kill(os.getpid(), signal.SIGKILL)
    if path.startswith("/hold/"):
        active.begin("GET")
        with socket.create_connection(("127.0.0.1", int(path.rpartition("/")[2])), timeout=30) as held:
            held.recv(1)
        active.end()
    if path == "/note":
        with open(os.environ["NOTES"], "a") as notes:
            notes.write("executed\n")
    counted = sum(traffic.requests for traffic in minutes.read().values()) if path == "/minutes" else ""
    text = f"hello {path}{counted}".encode()
    start_response("200 OK", [("Content-Length", str(len(text))), ("X-Request-ID", "1")])
    return [text]


application = with_metrics(with_whole_bodies(answer, 1024 * 1024))
