"""What the worker does by the clock: cleaning up, and tending the jobs."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import responses
from accounts import jobs
from accounts.models import RateCounter, Session, User
from chassis.db import rows
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from tests.conftest import Persona, execute
from tests.worker import ACCOUNT, the_job, work

pytestmark = pytest.mark.usefixtures("jobs_of_this_test_alone")


def test_clean_up_deletes_what_has_expired_and_nothing_else(
    alice: Persona, wire: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "PORTION", 1)
    now = timezone.now()
    expired = Session.objects.open(alice.user)
    assert expired is not None
    Session.objects.filter(pk=expired.pk).update(expires_at=now - timedelta(seconds=1))
    for key in ("old", "older"):
        RateCounter.objects.create(key=key, hits=[now], expires_at=now - timedelta(seconds=1))
    RateCounter.objects.create(key="new", hits=[now], expires_at=now + timedelta(minutes=1))

    jobs.clean_up(timestamp=0)

    assert list(Session.objects.all()) == [alice.session]
    assert list(RateCounter.objects.values_list("key", flat=True)) == ["new"]
    assert User.objects.count() == 1
    assert not wire.calls


def taken_by_a_worker(*, silent_for: timedelta) -> None:
    """Let a worker take the waiting job, and say nothing for a while."""
    assert isinstance(app.connector, DjangoConnector)

    async def take() -> None:
        async with app.open_async():
            worker = await app.job_manager.register_worker()
            assert await app.job_manager.fetch_job(queues=None, worker_id=worker) is not None

    with app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(take())
    execute("UPDATE procrastinate_workers SET last_heartbeat = now() - %s", silent_for)


def test_what_a_dead_worker_was_doing_is_done_by_another(erasing: Any) -> None:
    erasing(204)
    jobs.erase_account.defer(service="task-svc", account_id=ACCOUNT)
    taken_by_a_worker(silent_for=timedelta(seconds=31))
    assert the_job().status == "doing"

    jobs.retry_stalled_jobs.configure().defer(timestamp=0)
    work()
    work()

    assert the_job().status == "succeeded"


def test_what_a_living_worker_is_doing_is_left_alone(erasing: Any) -> None:
    jobs.erase_account.defer(service="task-svc", account_id=ACCOUNT)
    taken_by_a_worker(silent_for=timedelta(seconds=5))

    jobs.retry_stalled_jobs.configure().defer(timestamp=0)
    work()
    work()

    assert the_job().status == "doing"


def test_what_ended_a_day_ago_is_forgotten(alice: Persona) -> None:
    accounts = {status: str(uuid4()) for status in ("succeeded", "failed", "todo")}
    for account_id in accounts.values():
        jobs.send_reset_token.defer(account_id=account_id)
    for end in ("succeeded", "failed"):
        for status in ("doing", end):
            change = "UPDATE procrastinate_jobs SET status = %s WHERE args->>'account_id' = %s"
            execute(change, status, accounts[end])
    execute("UPDATE procrastinate_events SET at = now() - interval '25 hours'")
    jobs.retry_stalled_jobs.configure().defer(timestamp=0)

    work()

    left = ProcrastinateJob.objects.filter(task_name__endswith="send_reset_token")
    assert [job.args["account_id"] for job in left] == [accounts["todo"]]


def test_the_periodic_jobs_are_due(settings: Settings) -> None:
    due = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}

    assert due == {
        "accounts.jobs.check_accounts": "17 3 * * *",
        "accounts.jobs.clean_up": "*/10 * * * *",
        "accounts.jobs.retry_stalled_jobs": "* * * * *",
    }
