"""Gunicorn's settings, one file for every service: `gunicorn -c python:chassis.gunicorn config.wsgi`."""

import gc
import os
import socket
import struct
from pathlib import Path
from typing import Any

from django.conf import settings
from gunicorn import glogging

from chassis.environment import Env
from chassis.metrics import slots

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
env = Env()
# The address for the gateway, and those for the other services, where a service can also be tried by hand.
bind = [env.str("BIND", default="127.0.0.1:8000"), *env.list("SERVICES_BIND", default=[])]
# The address for Prometheus alone: never through the gateway.
METRICS_BIND = env.str("METRICS_BIND", default="")
if METRICS_BIND:
    bind.append(METRICS_BIND)
    # Before the application is loaded, and its metrics with it.
    slots.open_directory(Path(env.str("METRICS_DIR")))
worker_class = "chassis.workers.Worker"
workers = env.processes()
threads = env.threads()
# Workers share the memory of the loaded application, and a wrong setting ends the start with its one line.
preload_app = True
# For the other services, whose clients keep idle connections without a bound; the gateway leaves its own after 250 ms.
keepalive = 75
# A stop lets requests in flight finish; compose and the supervisor wait longer than this before they kill.
graceful_timeout = 10
# The most that gunicorn allows: a list's filters, percent-encoded, are longer than the default of 4094 bytes.
limit_request_line = 8190
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  # The heartbeat stays off disks.
# Only Django reads the gateway's headers. Gunicorn would believe them too, from loopback, and refuse a request in which
# a client's own header contradicts them.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
control_socket_disable = True
logconfig_dict = settings.LOGGING
# A worker closes the connection of every so many requests, so this is the average per connection.
REQUESTS_PER_CONNECTION = 50
# The gateway and the other services send a request at once and read its answer at once; seconds without a byte.
SILENCE_SECONDS = 5


class Logger(glogging.Logger):  # type: ignore[misc]  # Gunicorn ships no types.
    """Leaves requests to Django's log: gunicorn, once it has a `logconfig_dict`, formats a line for each."""

    def access(self, *_: Any) -> None:
        """Write nothing."""


logger_class = Logger


def when_ready(server: Any) -> None:
    """End a connection on which nothing moves in the midst of a request: it holds a thread.

    Gunicorn's `timeout` watches processes, not connections. TCP connections inherit the timeouts of their listening
    socket (socket(7)), and the one that expires is a BlockingIOError in the thread. Those of a local socket do not,
    but there is only the gateway, which sends what it has buffered and buffers what it reads.
    """
    silence = struct.pack("ll", SILENCE_SECONDS, 0)
    for listener in server.LISTENERS:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, silence)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, silence)


def pre_fork(server: Any, worker: Any) -> None:
    """Keep loaded objects out of garbage collection, which would write to, and so copy, memory that workers share."""
    gc.freeze()


def post_fork(server: Any, worker: Any) -> None:
    """Start each worker without connections of its parent."""
    from django.db import connections

    connections.close_all()
    if METRICS_BIND:
        # Importing it makes metrics, which belongs after `open_directory`.
        from chassis.metrics import minutes

        slots.claim()
        minutes.keep_in(Path(env.str("METRICS_DIR")), slots.identifier())


def child_exit(server: Any, worker: Any) -> None:
    """Forget which requests a worker was answering that has ended, maybe by force."""
    if METRICS_BIND:
        slots.forget_the_dead()


def pre_request(worker: Any, request: Any) -> None:
    """Close a connection after a body that is too large to be read, and now and then in any case.

    A connection stays with the worker that took it, and in a burst one worker may take all: it would work while the
    others wait. A connection that replaces a closed one goes to a worker that is free.
    """
    lengths = [int(value) for name, value in request.headers if name == "CONTENT-LENGTH"]
    is_too_large = max(lengths, default=0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if is_too_large or worker.nr % REQUESTS_PER_CONNECTION == REQUESTS_PER_CONNECTION - 1:
        request.force_close()
