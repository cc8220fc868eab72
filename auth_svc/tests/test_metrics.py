from __future__ import annotations

from datetime import timedelta
from time import time
from typing import Any

import pytest
from accounts import jobs, metrics
from chassis.environment import Rate
from chassis.testing import JSONClient
from prometheus_client import REGISTRY
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from tests.acts import pass_by, refresh
from tests.conftest import Persona, execute, limit
from tests.worker import ACCOUNT, the_job, work


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def gauges() -> dict[str, float]:
    return {metric.name: metric.samples[0].value for metric in metrics.jobs()}


def test_a_refresh_token_used_twice_is_counted_and_an_answer_given_again_is_not(
    alice: Persona, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    before = value("refresh_token_reuses_total")
    with django_capture_on_commit_callbacks(execute=True):
        refresh(alice.refresh_token)
        refresh(alice.refresh_token)
    assert value("refresh_token_reuses_total") == before

    pass_by(alice.session, 60)
    with django_capture_on_commit_callbacks(execute=True):
        refresh(alice.refresh_token)

    assert value("refresh_token_reuses_total") == before + 1


def test_what_a_limit_refuses_is_counted_by_the_limit(anonymous: JSONClient, settings: Settings) -> None:
    limit(settings, "reset", Rate(1, timedelta(minutes=1)))
    before = value("rate_limit_refusals_total", limit="reset")

    for _ in range(3):
        anonymous.post("/auth/password/reset", {"email": "alice@example.com"})

    assert value("rate_limit_refusals_total", limit="reset") == before + 2


@pytest.mark.usefixtures("jobs_of_this_test_alone")
def test_without_jobs_and_workers_nothing_waits_and_nobody_was_seen() -> None:
    execute("DELETE FROM procrastinate_workers")

    assert set(gauges().values()) == {0}


@pytest.mark.usefixtures("jobs_of_this_test_alone")
def test_a_job_waits_from_when_it_was_due_first_however_often_it_fails(erasing: Any) -> None:
    erasing(503, 503)
    jobs.erase_account.configure(schedule_in={"hours": 1}).defer(service="task-svc", account_id=ACCOUNT)
    assert gauges()["jobs_waiting"] == 0

    execute("UPDATE procrastinate_events SET at = now() - interval '6 minutes'")
    work()
    work()

    assert the_job().status == "todo"
    assert gauges()["jobs_waiting"] == 1
    assert 360 <= gauges()["jobs_oldest_due_seconds"] < 390


@pytest.mark.usefixtures("jobs_of_this_test_alone")
def test_a_worker_was_last_seen_at_its_last_sign_of_life() -> None:
    execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')")

    assert abs(gauges()["jobs_worker_last_seen_timestamp_seconds"] - time() + 60) < 5
    execute("DELETE FROM procrastinate_workers")
