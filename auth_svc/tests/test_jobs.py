from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
import requests
import responses
from accounts import jobs
from accounts.models import RateCounter, Session, User
from chassis.contracts import SERVICE_KEY_HEADER
from chassis.exceptions import ServiceUnavailable
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob
from procrastinate.jobs import Job
from pytest_django import Settings

from chassis import rows
from tests.conftest import Persona, deferred, execute

ACCOUNT = str(uuid4())


@pytest.fixture(autouse=True)
def _jobs_of_this_test_alone(no_jobs: None, wire: responses.RequestsMock, settings: Settings) -> None:
    """Start without jobs; the periodic ones may come due at any time."""
    wire.post(f"{settings.TASK_SERVICE_URL}/internal/clean-up", status=204)


def work() -> None:
    """Run a worker, as manage.py does, until no job is due; time passes as it likes for those that wait."""
    assert isinstance(app.connector, DjangoConnector)

    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    jobs.owners.cache_clear()
    execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    with app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(run())


def the_job(task: str = "erase_account") -> Any:
    return ProcrastinateJob.objects.get(task_name=f"accounts.jobs.{task}")


@pytest.fixture
def erasing(wire: responses.RequestsMock, settings: Settings) -> Callable[..., list[responses.BaseResponse]]:
    """What task-svc answers to being told, in this order."""
    url = f"{settings.TASK_SERVICE_URL}/internal/accounts/{ACCOUNT}"

    def answer(*outcomes: Any) -> list[responses.BaseResponse]:
        known = [{"body": outcome} if isinstance(outcome, Exception) else {"status": outcome} for outcome in outcomes]
        return [wire.delete(url, **arguments) for arguments in known]

    return answer


@pytest.mark.parametrize("failure", [requests.ConnectionError(), requests.Timeout(), 500, 503, 404, 401, 200, 302])
def test_whatever_is_not_a_204_is_repeated(erasing: Any, failure: Any) -> None:
    # A broken connection is tried twice within one attempt.
    failures = [failure, failure] if isinstance(failure, requests.ConnectionError) else [failure]
    erasing(*failures, 204)
    jobs.erase_account.defer(service="task-svc", account_id=ACCOUNT)

    work()
    job = the_job()
    assert (job.status, job.attempts) == ("todo", 1)
    assert job.scheduled_at - timezone.now() <= timedelta(seconds=1)

    work()
    assert (the_job().status, the_job().attempts) == ("succeeded", 2)


def test_what_is_erased_in_portions_is_told_until_nothing_is_left(erasing: Any) -> None:
    erasing(202, 202, 204)
    jobs.erase_account.defer(service="task-svc", account_id=ACCOUNT)

    work()

    assert (the_job().status, the_job().attempts) == ("succeeded", 1)


def test_an_erasure_goes_before_mails_that_wait(erasing: Any) -> None:
    erasing(204)
    jobs.send_reset_token.defer(email="nobody@example.com")
    jobs.erase_account.defer(service="task-svc", account_id=ACCOUNT)

    work()

    mail, erasure = (
        ProcrastinateEvent.objects.filter(job=the_job(task), type="started").get().at
        for task in ("send_reset_token", "erase_account")
    )
    assert erasure < mail


def test_the_services_are_told_with_the_service_key(erasing: Any, settings: Settings) -> None:
    (told,) = erasing(204)
    jobs.erase_account.defer(service="task-svc", account_id=ACCOUNT)

    work()

    assert [call.request.headers[SERVICE_KEY_HEADER] for call in told.calls] == [settings.SERVICE_KEY]


def test_an_outage_of_one_service_does_not_keep_the_other_waiting(
    erasing: Any, wire: responses.RequestsMock, settings: Settings
) -> None:
    erasing(503)
    told = wire.delete(f"{settings.USER_SERVICE_URL}/internal/accounts/{ACCOUNT}", status=204)
    for service in ("task-svc", "user-svc"):
        jobs.erase_account.defer(service=service, account_id=ACCOUNT)

    work()

    assert told.call_count == 1
    assert deferred("erase_account") == [{"service": "task-svc", "account_id": ACCOUNT}]


@pytest.mark.parametrize("attempts", [0, 1, 2, 3, 4, 5, 1000])
def test_a_job_is_never_given_up_and_never_waits_longer_than_ten_seconds(attempts: int) -> None:
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name="x", attempts=attempts)
    decision = jobs.UntilDone().get_retry_decision(exception=ServiceUnavailable(), job=job)

    assert decision.retry_at is not None
    wait = (decision.retry_at - timezone.now()).total_seconds()
    assert min(2**attempts, 10) - 0.5 < wait <= 10


def test_a_mail_is_sent_by_the_worker(alice: Persona, mailoutbox: list[Any]) -> None:
    jobs.send_reset_token.defer(email="alice@example.com")

    work()

    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]


def test_a_mail_that_the_server_goes_on_refusing_is_given_up(alice: Persona, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    jobs.send_reset_token.defer(email="alice@example.com")

    work()
    assert (the_job("send_reset_token").status, the_job("send_reset_token").attempts) == ("todo", 1)
    execute("UPDATE procrastinate_jobs SET attempts = 10 WHERE task_name = 'accounts.jobs.send_reset_token'")
    work()

    assert the_job("send_reset_token").status == "failed"


def test_a_mail_server_that_goes_silent_does_not_keep_other_jobs_waiting(
    erasing: Any, alice: Persona, settings: Settings
) -> None:
    erasing(204)
    # Divided, so that it is no long wait; where there is no bound to divide, the test fails instead of waiting on.
    settings.EMAIL_TIMEOUT /= 100
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        jobs.send_reset_token.defer(email="alice@example.com")
        jobs.erase_account.defer(service="task-svc", account_id=ACCOUNT)

        started = monotonic()
        work()

    assert monotonic() - started < settings.EMAIL_TIMEOUT + 5
    assert (the_job("send_reset_token").status, the_job("send_reset_token").attempts) == ("todo", 1)
    assert the_job().status == "succeeded"


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
    assert [call.request.path_url for call in wire.calls] == ["/internal/clean-up"]


def test_an_outage_of_task_svc_does_not_keep_ours_from_being_cleaned_up(
    wire: responses.RequestsMock, settings: Settings
) -> None:
    wire.reset()
    now = timezone.now()
    RateCounter.objects.create(key="old", hits=[now], expires_at=now - timedelta(seconds=1))

    with pytest.raises(ServiceUnavailable):
        jobs.clean_up(timestamp=0)

    assert not RateCounter.objects.exists()


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

    jobs.tend_jobs.configure().defer(timestamp=0)
    work()
    work()

    assert the_job().status == "succeeded"


def test_what_a_living_worker_is_doing_is_left_alone(erasing: Any) -> None:
    jobs.erase_account.defer(service="task-svc", account_id=ACCOUNT)
    taken_by_a_worker(silent_for=timedelta(seconds=5))

    jobs.tend_jobs.configure().defer(timestamp=0)
    work()
    work()

    assert the_job().status == "doing"


def test_what_ended_a_day_ago_is_forgotten(alice: Persona) -> None:
    for status in ("succeeded", "failed", "todo"):
        jobs.send_reset_token.defer(email=f"{status}@example.com")
    for status in ("doing", "succeeded"):
        execute("UPDATE procrastinate_jobs SET status = %s WHERE args->>'email' LIKE 'succeeded@%%'", status)
    for status in ("doing", "failed"):
        execute("UPDATE procrastinate_jobs SET status = %s WHERE args->>'email' LIKE 'failed@%%'", status)
    execute("UPDATE procrastinate_events SET at = now() - interval '25 hours'")
    jobs.tend_jobs.configure().defer(timestamp=0)

    work()

    left = ProcrastinateJob.objects.filter(task_name__endswith="send_reset_token")
    assert [job.args["email"] for job in left] == ["todo@example.com"]


def test_the_periodic_jobs_are_due(settings: Settings) -> None:
    due = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}

    assert due == {"accounts.jobs.clean_up": "*/10 * * * *", "accounts.jobs.tend_jobs": "* * * * *"}
