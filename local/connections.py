"""How many connections to PostgreSQL the services may have, which is how many threads they have."""

from __future__ import annotations

from collections.abc import Mapping

from local.services import SERVICES

# The settings that say how many threads a service has, and their defaults in chassis/gunicorn.py.
WIDTH = {"WEB_CONCURRENCY": "2", "WEB_THREADS": "4"}
# For the operator.
SPARE = 10


def of_a_service(environment: Mapping[str, str]) -> int:
    """Return how many one service may have: twice one for each thread, and some for worker and migrations.

    Twice, because a killed process's sessions may outlast it by a statement's time.
    """
    workers, threads = (environment.get(name) or default for name, default in WIDTH.items())
    return 2 * int(workers) * 2 * int(threads) + 16


def of_all_services(environment: Mapping[str, str]) -> int:
    """Return how many the embedded PostgreSQL allows."""
    return len(SERVICES) * of_a_service(environment) + SPARE
