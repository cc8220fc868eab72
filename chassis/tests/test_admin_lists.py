from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from chassis.testing.admin import StaffStub, form_on, sign_in
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.models import Note

pytestmark = pytest.mark.django_db

NOTES = "/admin/tests/note/"
START = datetime(2024, 11, 30, 12, tzinfo=UTC)


@pytest.fixture
def browser(staff_service: StaffStub) -> Client:
    staff_service.add("root")
    return sign_in("root@example.com")[0]


def write(count: int, step: timedelta = timedelta(days=1)) -> list[Note]:
    notes = [Note(title=f"note {number}", created_at=START + step * number) for number in range(count)]
    return Note.objects.bulk_create(notes)


@pytest.fixture
def few_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.admin.changelists.MOST_COUNTED", 60)


@pytest.mark.usefixtures("few_counted")
def test_a_list_counts_no_further_than_it_must(browser: Client) -> None:
    write(61)
    assert "60+ notes" in browser.get(NOTES).content.decode()

    Note.objects.first().delete()
    assert "60 notes" in browser.get(NOTES).content.decode()


@pytest.mark.usefixtures("few_counted")
def test_an_action_on_all_rows_needs_a_count(browser: Client) -> None:
    notes = write(61)
    form = {"action": "delete_selected", "select_across": "1", "_selected_action": str(notes[0].pk)}
    form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"].value

    page = browser.post(NOTES, form, follow=True).content.decode()

    assert "more than 60 rows" in page
    assert Note.objects.count() == 61


def test_an_action_on_all_rows_reaches_those_of_other_pages(browser: Client) -> None:
    notes = write(55)
    form = {"action": "delete_selected", "select_across": "1", "_selected_action": str(notes[0].pk), "post": "yes"}
    form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"].value

    browser.post(NOTES, form)

    assert not Note.objects.exists()


def test_rows_are_found_by_id_and_by_text(browser: Client) -> None:
    notes = write(12)

    assert "1 note\n" in browser.get(NOTES, {"q": f" {notes[3].pk} "}).content.decode()
    assert "3 notes" in browser.get(NOTES, {"q": "note 1"}).content.decode()


def test_a_list_is_kept_to_recent_rows(browser: Client) -> None:
    now = timezone.now()
    Note.objects.bulk_create(Note(title="old", created_at=now - timedelta(days=days)) for days in (8, 400))
    Note.objects.create(title="recent", created_at=now)
    (dates,) = browser.get(NOTES).context["cl"].filter_specs

    addresses = {
        choice["display"]: choice["query_string"] for choice in dates.choices(browser.get(NOTES).context["cl"])
    }

    assert list(addresses) == ["Any date", "Today", "Past 7 days", "This month", "This year"]
    for period in ("Today", "Past 7 days"):
        assert "1 note\n" in browser.get(NOTES + addresses[period]).content.decode()


def test_a_list_asks_as_much_for_many_rows_as_for_one(
    browser: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    write(1)
    # Session, user, count and rows.
    with django_assert_num_queries(4):
        browser.get(NOTES)
    Note.objects.all().delete()
    write(50, timedelta(seconds=1))
    with django_assert_num_queries(4):
        browser.get(NOTES)


def test_a_read_only_admin_only_shows(browser: Client) -> None:
    assert browser.get("/admin/admin/logentry/").status_code == 200
    for path in ("add/", "1/delete/"):
        assert browser.get(f"/admin/admin/logentry/{path}").status_code in (302, 403)


def test_superusers_give_permissions_to_mirrored_staff(browser: Client, staff_service: StaffStub) -> None:
    account_id: UUID = staff_service.add("helper", is_superuser=False)
    helper, _ = sign_in("helper@example.com")
    assert helper.get(NOTES).status_code == 403
    user = User.objects.get(username=str(account_id))
    page = f"/admin/auth/user/{user.pk}/change/"
    browser.handler.enforce_csrf_checks = False

    browser.post(page, form_on(browser, page, user_permissions=Permission.objects.get(codename="view_note").pk))

    assert helper.get(NOTES).status_code == 200
    user.refresh_from_db()
    assert (user.email, user.is_staff, user.is_superuser) == ("helper@example.com", True, False)


def test_a_mirrored_user_is_shown_without_password_and_neither_made_nor_deleted(browser: Client) -> None:
    user = User.objects.get()
    response = browser.get(f"/admin/auth/user/{user.pk}/change/")
    assert response.status_code == 200, response.content
    page = response.content.decode()

    assert "hash of the first password" not in page
    assert "password" not in page.lower().replace("/admin/password_change/", "").replace("change password", "")
    assert browser.get("/admin/auth/user/add/").status_code == 403
    assert browser.get(f"/admin/auth/user/{user.pk}/delete/").status_code == 403


def test_mirrored_users_are_not_for_ordinary_staff(staff_service: StaffStub) -> None:
    account_id = staff_service.add("helper", is_superuser=False)
    helper, _ = sign_in("helper@example.com")
    user = User.objects.get(username=str(account_id))
    user.user_permissions.set(Permission.objects.all())

    assert helper.get("/admin/auth/user/").status_code == 403
    assert "/admin/auth/user/" not in helper.get("/admin/").content.decode()
