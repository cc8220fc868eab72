"""How many connections to PostgreSQL the services may have, which is how many threads they have."""

from __future__ import annotations

from collections.abc import Mapping

from local.services import SERVICES

# The settings that say how many threads a service has, and their defaults in chassis/environment.py.
WIDTH = {"WEB_CONCURRENCY": "2", "WEB_THREADS": "4"}
# For the operator.
SPARE = 10


def of_a_service(environment: Mapping[str, str]) -> int:
    """Return how many one service may have.

    A process has WEB_THREADS threads for the gateway and as many for the other services. All of that counts twice,
    because the sessions of a killed process may outlast it by the time of a statement. 16 more are for the worker of
    jobs, migrations and metrics.
    """
    workers, threads = (environment.get(name) or default for name, default in WIDTH.items())
    return 2 * int(workers) * 2 * int(threads) + 16


def of_all_services(environment: Mapping[str, str]) -> int:
    """Return how many the embedded PostgreSQL allows."""
    return len(SERVICES) * of_a_service(environment) + SPARE
