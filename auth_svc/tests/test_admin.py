"""The admin of auth_svc."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from accounts.models import Session, User
from chassis.environment import Rate
from chassis.testing import sign_in
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries, Settings

from tests.conftest import PASSWORD, Persona, deferred, execute, limit

pytestmark = pytest.mark.django_db

ADMIN = "/auth/admin/"
USERS = f"{ADMIN}accounts/user/"
SESSIONS = f"{ADMIN}accounts/session/"
JOBS = f"{ADMIN}procrastinate/procrastinatejob/"


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root@example.com", PASSWORD)


@pytest.fixture
def admin(root: User) -> Client:
    """A browser in which a superuser is signed in."""
    client, response = sign_in("root@example.com", PASSWORD)
    assert response.status_code == 302, response.content
    client.handler.enforce_csrf_checks = False
    return client


def act(admin: Client, path: str, action: str, *rows: Any) -> str:
    """Run an action on some rows; return the page that follows."""
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    page: str = admin.post(path, form, follow=True).content.decode()
    return page


def form_of(user: User, **changes: Any) -> dict[str, Any]:
    """Return the change form as the page of this account would send it, unticked boxes left out."""
    fields = {"email": user.email, "is_active": user.is_active, "is_staff": user.is_staff}
    return {name: value for name, value in {**fields, **changes}.items() if value is not False}


# Signing in


def test_staff_sign_in_in_whatever_case_they_write_their_address(staff: Persona) -> None:
    client, _ = sign_in("STAFF@example.com", PASSWORD)

    assert client.get(ADMIN).status_code == 200


@pytest.mark.parametrize("password", [PASSWORD, "wrong"], ids=["right password", "wrong password"])
def test_who_is_not_staff_is_refused_with_the_same_words(alice: Persona, password: str) -> None:
    client, response = sign_in("alice@example.com", password)

    assert "the e-mail address and the password of a staff account" in response.content.decode()
    assert client.get(ADMIN).status_code == 302


def test_the_form_is_under_the_limits_of_login(staff: Persona, settings: Settings) -> None:
    limit(settings, "login", Rate(2, settings.RATES["login"].window))
    for _ in range(2):
        assert sign_in("staff@example.com", "wrong")[1].status_code == 200

    _, response = sign_in("staff@example.com", PASSWORD)

    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert "throttled" in response.content.decode()
    assert staff.client.post("/auth/login", {"email": "staff@example.com", "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_losing_a_status_ends_access_at_once(admin: Client, root: User, field: str) -> None:
    User.objects.filter(pk=root.pk).update(**{field: False})

    assert admin.get(ADMIN).status_code == 302


def test_a_changed_password_ends_access(admin: Client, root: User) -> None:
    root.change_password("another horse battery")

    assert admin.get(ADMIN).status_code == 302


def test_credentials_that_are_missing_are_no_attempt(root: User) -> None:
    assert not Client().login(username="root@example.com")


def test_an_admin_cookie_is_no_good_for_the_api(admin: Client) -> None:
    assert admin.get("/auth/me").status_code == 401


@pytest.mark.parametrize(("origin", "status"), [("https://testserver", 302), ("http://testserver", 403)])
def test_behind_tls_a_form_comes_from_the_https_site(root: User, origin: str, status: int) -> None:
    headers = {"X-Forwarded-Proto": "https", "Origin": origin, "Host": "testserver"}

    _, response = sign_in(root.email, PASSWORD, headers=headers)

    assert response.status_code == status


def test_cookies_are_the_services_own(admin: Client) -> None:
    assert set(admin.cookies) >= {"auth_session", "auth_csrf"}
    assert {cookie["path"] for cookie in admin.cookies.values()} == {ADMIN}
    assert admin.cookies["auth_session"]["httponly"]


# Accounts


def test_no_page_shows_a_password_hash(admin: Client, alice: Persona) -> None:
    for page in (USERS, f"{USERS}{alice.user.pk}/change/", f"{USERS}{alice.user.pk}/password/"):
        text = admin.get(page).content.decode()
        assert alice.user.password not in text
        assert "md5$" not in text


def test_accounts_are_found_by_address_and_id(admin: Client, alice: Persona, bob: Persona) -> None:
    for search in ("ALICE@", str(alice.user.pk)):
        response = admin.get(USERS, {"q": search})
        assert [user.email for user in response.context["cl"].result_list] == ["alice@example.com"]


def test_an_account_is_made_with_a_hashed_password(admin: Client) -> None:
    form = {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}

    assert admin.post(f"{USERS}add/", form).status_code == 302

    user = User.objects.get(email="new@example.com")
    assert user.check_password(PASSWORD)
    assert not user.is_staff


def test_an_address_is_one_account_in_whatever_case(admin: Client, alice: Persona, bob: Persona) -> None:
    form = {"email": "ALICE@example.com", "password1": PASSWORD, "password2": PASSWORD}
    response = admin.post(f"{USERS}add/", form)
    assert "There is an account with this e-mail address already." in response.content.decode()

    response = admin.post(f"{USERS}{bob.user.pk}/change/", form_of(bob.user, email="Alice@Example.com"))
    assert "There is an account with this e-mail address already." in response.content.decode()


def test_a_new_password_ends_the_sessions_of_the_account(admin: Client, alice: Persona) -> None:
    form = {"password1": "another horse battery", "password2": "another horse battery", "usable_password": "true"}

    assert admin.post(f"{USERS}{alice.user.pk}/password/", form).status_code == 302

    alice.user.refresh_from_db()
    assert alice.user.check_password("another horse battery")
    assert not alice.is_signed_in()


def test_taking_the_password_away_ends_the_sessions_too(admin: Client, alice: Persona) -> None:
    form = {"password1": "", "password2": "", "usable_password": "false", "unset-password": "1"}

    assert admin.post(f"{USERS}{alice.user.pk}/password/", form).status_code == 302

    alice.user.refresh_from_db()
    assert not alice.user.has_usable_password()
    assert not alice.is_signed_in()


def test_accounts_are_deactivated_together_but_never_ones_own(
    admin: Client, root: User, alice: Persona, bob: Persona
) -> None:
    page = act(admin, USERS, "deactivate", alice.user, root)

    assert "Deactivated 1 accounts." in page
    assert "Nobody can deactivate themselves." in page
    assert not alice.is_signed_in()
    assert bob.is_signed_in()
    assert set(User.objects.filter(is_active=False)) == {alice.user}


def test_unticking_active_ends_the_sessions(admin: Client, alice: Persona) -> None:
    admin.post(f"{USERS}{alice.user.pk}/change/", form_of(alice.user, is_active=False))
    User.objects.filter(pk=alice.user.pk).update(is_active=True)

    assert not alice.is_signed_in()


def test_the_sessions_of_accounts_are_ended_together(admin: Client, alice: Persona, bob: Persona) -> None:
    assert "Ended 1 sessions." in act(admin, USERS, "end_sessions", alice.user)

    assert not alice.is_signed_in()
    assert bob.is_signed_in()


@pytest.mark.parametrize("by_action", [False, True], ids=["page", "action"])
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_jobs")
def test_deleting_an_account_erases_it_everywhere(admin: Client, alice: Persona, by_action: bool) -> None:
    if by_action:
        form = {"action": "delete_selected", "_selected_action": str(alice.user.pk), "post": "yes"}
        admin.post(USERS, form)
    else:
        admin.post(f"{USERS}{alice.user.pk}/delete/", {"post": "yes"})

    assert not User.objects.filter(email="alice@example.com").exists()
    erased = deferred("erase_account")
    assert len(erased) == 4
    assert {job["account_id"] for job in erased} == {str(alice.user.pk)}


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
