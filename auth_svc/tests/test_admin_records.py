"""The admin's pages of sessions and jobs, which are made elsewhere, and the cost of its lists."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from accounts.models import Session, User
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from tests.admin import JOBS, SESSIONS, USERS, act
from tests.conftest import Persona, execute

pytestmark = pytest.mark.django_db


# Sessions


def test_sessions_are_listed_by_state_without_their_tokens(admin: Client, alice: Persona, bob: Persona) -> None:
    bob.session.revoke()
    expired = Session.objects.create(user=alice.user, expires_at=timezone.now())

    def listed(**query: str) -> set[Session]:
        return set(admin.get(SESSIONS, query).context["cl"].result_list)

    assert listed() == {alice.session, bob.session, expired}
    assert listed(state="live") == {alice.session}
    assert listed(state="revoked") == {bob.session}
    assert listed(state="expired") == {expired}
    assert listed(q="Bob@example.com") == {bob.session}
    assert listed(q=str(alice.user.pk)) == {alice.session, expired}
    assert alice.refresh_token not in admin.get(f"{SESSIONS}{alice.session.pk}/change/").content.decode()


def test_sessions_are_ended_together(admin: Client, alice: Persona, bob: Persona) -> None:
    assert "Ended 1 sessions." in act(admin, SESSIONS, "end", alice.session)

    assert LogEntry.objects.get(change_message="Ended.").object_id == str(alice.session.pk)
    assert not alice.is_signed_in()
    assert bob.is_signed_in()


def test_a_session_is_made_by_signing_in_only(admin: Client) -> None:
    assert admin.get(f"{SESSIONS}add/").status_code == 403


def test_an_account_links_to_its_sessions(admin: Client, alice: Persona, bob: Persona) -> None:
    page = admin.get(f"{USERS}{alice.user.pk}/change/").content.decode()
    link = re.search(rf'href="({SESSIONS}[^"]+)">1 live', page)

    assert link is not None
    assert list(admin.get(link[1]).context["cl"].result_list) == [alice.session]


# Jobs


def make_job(status: str) -> ProcrastinateJob:
    execute(
        "INSERT INTO procrastinate_jobs (task_name, queue_name, args, status, attempts) VALUES (%s, %s, %s, %s, 3)",
        "accounts.jobs.erase_account",
        "default",
        f'{{"account_id": "{uuid4()}"}}',
        status,
    )
    job: ProcrastinateJob = ProcrastinateJob.objects.latest("id")
    return job


def test_failed_jobs_and_no_others_are_retried(admin: Client) -> None:
    failed, done = make_job("failed"), make_job("succeeded")

    assert "1 failed jobs will run again." in act(admin, JOBS, "retry", failed, done)

    assert LogEntry.objects.get(change_message="Retried.").object_id == str(failed.pk)
    assert ProcrastinateJob.objects.get(pk=failed.pk).status == "todo"
    assert ProcrastinateJob.objects.get(pk=done.pk).status == "succeeded"


def test_a_job_is_shown_with_its_events_and_cannot_be_changed(admin: Client) -> None:
    job = make_job("todo")

    page = admin.get(f"{JOBS}{job.pk}/change/").content.decode()

    assert re.search(r"<div>[\d-]+ [\d:]+ deferred</div>", page)
    assert 'name="_save"' not in page
    assert admin.get(f"{JOBS}{job.pk}/delete/").status_code == 403


# Cost


@pytest.mark.parametrize("path", [USERS, SESSIONS, JOBS])
def test_a_list_asks_as_much_for_many_rows_as_for_few(
    admin: Client, path: str, alice: Persona, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_job("todo")
    with django_assert_max_num_queries(20) as few:
        admin.get(path)
    users = User.objects.bulk_create(User(email=f"{number}@example.com", password="!") for number in range(30))
    for user in users:
        Session.objects.create(user=user, expires_at=timezone.now())
        make_job("todo")

    with django_assert_max_num_queries(len(few)):
        assert admin.get(path).status_code == 200
