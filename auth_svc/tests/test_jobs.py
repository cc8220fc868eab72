from __future__ import annotations

import socket
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
import requests
import responses
from accounts import jobs
from chassis.contracts import SERVICE_KEY_HEADER
from chassis.exceptions import ServiceUnavailable
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateEvent
from procrastinate.jobs import Job
from pytest_django import Settings

from tests.conftest import Persona, deferred, execute
from tests.worker import ACCOUNT, the_job, work

pytestmark = pytest.mark.usefixtures("jobs_of_this_test_alone")


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
    jobs.send_reset_token.defer(account_id=None)
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
    jobs.send_reset_token.defer(account_id=str(alice.user.pk))

    work()

    assert [mail.to for mail in mailoutbox] == [["alice@example.com"]]


def test_a_mail_that_the_server_goes_on_refusing_is_given_up(alice: Persona, settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    jobs.send_reset_token.defer(account_id=str(alice.user.pk))

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
        jobs.send_reset_token.defer(account_id=str(alice.user.pk))
        jobs.erase_account.defer(service="task-svc", account_id=ACCOUNT)

        started = monotonic()
        work()

    assert monotonic() - started < settings.EMAIL_TIMEOUT + 5
    assert (the_job("send_reset_token").status, the_job("send_reset_token").attempts) == ("todo", 1)
    assert the_job().status == "succeeded"
