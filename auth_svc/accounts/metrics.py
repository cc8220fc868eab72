"""Metrics of auth_svc alone: repeated refresh tokens, and its jobs."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.metrics.database import gauges
from chassis.metrics.instruments import read_from_database
from prometheus_client import Counter
from prometheus_client.metrics_core import Metric

refresh_reuses = Counter("refresh_token_reuses", "Sessions ended because a refresh token was used twice.")

# A job that fails is due again a few seconds later, each time: what counts is when it was due first, before it started.
# The first thousand of unfinished jobs are enough: the oldest is among them, or all of them are late.
JOBS = """
    WITH due AS (
        SELECT id FROM procrastinate_jobs
        WHERE status = 'doing' OR (status = 'todo' AND (attempts > 0 OR coalesce(scheduled_at, now()) <= now()))
    )
    SELECT
        (SELECT count(*) FROM due),
        (SELECT coalesce(extract(epoch FROM now() - min(due_at)), 0) FROM (
            SELECT max(at) AS due_at FROM procrastinate_events AS event
            WHERE job_id IN (SELECT id FROM due ORDER BY id LIMIT 1000) AND type IN ('deferred', 'scheduled')
                AND NOT EXISTS (
                    SELECT FROM procrastinate_events AS start
                    WHERE start.job_id = event.job_id AND start.type = 'started' AND start.id < event.id
                )
            GROUP BY job_id
        ) AS due_first),
        (SELECT coalesce(extract(epoch FROM max(last_heartbeat)), 0) FROM procrastinate_workers)
"""
GAUGES = {
    "jobs_waiting": "Jobs that are due, or being done.",
    "jobs_oldest_due_seconds": "How long the oldest of them has been due.",
    "jobs_worker_last_seen_timestamp_seconds": "When a worker last gave a sign of life; 0 if none is at work.",
}


@read_from_database
def jobs() -> Iterable[Metric]:
    return gauges(JOBS, GAUGES)
