"""Gunicorn's settings, one file for every service: `gunicorn -c python:chassis.gunicorn config.wsgi`."""

import os
import select
from typing import Any

from chassis.environment import Env

env = Env()
# Where the gateway comes, and where the other services come, which is also where to try a service by hand.
bind = [env.str("BIND", default="127.0.0.1:8000"), *env.list("SERVICES_BIND", default=[])]
# Ours needs Linux; elsewhere gunicorn's own does for a developer.
worker_class = "chassis.workers.Worker" if hasattr(select, "epoll") else "gthread"
workers = env.count("WEB_CONCURRENCY", default=2)
threads = env.count("WEB_THREADS", default=4)
# Workers share the memory of the loaded application, and a wrong setting ends the start with its one line.
preload_app = True
# Longer than the gateway keeps an idle connection, or a POST meets a connection that is just closing: a 502.
keepalive = 75
# A stop lets requests in flight finish; compose and the supervisor wait longer than this before they kill.
graceful_timeout = 10
timeout = 30
# As long as it goes: a list's filters, percent-encoded, are longer than the default of 4094 bytes.
limit_request_line = 8190
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108  # The heartbeat stays off disks.
# Only Django reads the gateway's headers. Gunicorn would believe them too, from a socket or from loopback, and refuse a
# request in which a client's own header contradicts them.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
control_socket_disable = True
accesslog = None
errorlog = "-"
loglevel = "warning"
# On average.
REQUESTS_PER_CONNECTION = 50


def post_fork(server: Any, worker: Any) -> None:
    """Start each worker without connections of its parent."""
    from django.db import connections

    connections.close_all()


def pre_request(worker: Any, request: Any) -> None:
    """Close a connection now and then, so that those of the gateway spread over the workers.

    A connection stays with the worker that took it, and in a burst one worker may take all: it would work while the
    others wait. A connection that replaces a closed one goes to a worker that is free.
    """
    if worker.nr % REQUESTS_PER_CONNECTION == REQUESTS_PER_CONNECTION - 1:
        request.force_close()
