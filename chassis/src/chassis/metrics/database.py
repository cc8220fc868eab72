"""Statistics of the database, asked for at each scrape; a database that does not answer holds no scrape up."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property

from django.db import Error, close_old_connections, connection
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from chassis.metrics.instruments import database_readers, read_from_database

# Less than Prometheus waits for a scrape; the time that a statement may take is longer.
PATIENCE = 1.0
STATISTICS = """
    SELECT
        (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'),
        (SELECT CASE WHEN rolconnlimit < 0 THEN current_setting('max_connections')::int ELSE rolconnlimit END
            FROM pg_roles WHERE rolname = current_user),
        (SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'),
        (SELECT age(datfrozenxid) FROM pg_database WHERE datname = current_database()),
        pg_database_size(current_database())
"""
GAUGES = {
    "database_connections": "Connections to the service's database.",
    "database_connections_limit": "Connections that the service's role may have.",
    "database_oldest_transaction_seconds": "Age of the oldest transaction.",
    "database_transaction_id_age": "Transactions since the oldest one that is not frozen; at 2^31 PostgreSQL stops.",
    "database_size_bytes": "Size of the service's database.",
}


def gauge(name: str, help_text: str, value: float) -> Metric:
    """Return a gauge that has one value."""
    return GaugeMetricFamily(name, help_text, value=value)


def gauges(query: str, texts: Mapping[str, str]) -> list[Metric]:
    """Return a gauge for each column of a query's one row, with the names and texts in that order."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        values = cursor.fetchone()
    return [gauge(name, text, float(value)) for (name, text), value in zip(texts.items(), values, strict=True)]


@read_from_database
def statistics() -> Iterable[Metric]:
    return gauges(STATISTICS, GAUGES)


class DatabaseCollector(Collector):
    """Asks all readers in one thread of its own, so that a scrape can go on without an answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: Future[list[Metric]] | None = None

    @cached_property
    def _thread(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, "metrics")

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            # A former scrape's question may still have no answer; another one would only wait behind it.
            if self._pending is None or self._pending.done():
                self._pending = self._thread.submit(read_all)
            pending = self._pending
        found: list[Metric] = []
        with suppress(Error, TimeoutError):
            found = pending.result(PATIENCE)
        yield gauge("database_up", "Whether the service's database answers.", bool(found))
        yield from found


def read_all() -> list[Metric]:
    """Return the metrics of all readers, on this thread's connection."""
    close_old_connections()
    try:
        return [metric for reader in database_readers for metric in reader()]
    finally:
        close_old_connections()
