"""What the admin of a service keeps of somebody whose account is deleted."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from chassis.admin.staff import erase_mirror
from chassis.erasure import forget_row
from chassis.testing.admin import StaffStub, sign_in
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.browsers import ADMIN, is_in
from tests.models import Note

pytestmark = pytest.mark.django_db
NOTES = f"{ADMIN}tests/note/"
NOON = ("2020-01-01", "12:00")
PRIVATE = "what only its owner should read"


@pytest.fixture
def note() -> Note:
    return Note.objects.create(title=PRIVATE, created_at=timezone.now())


def form_of(note: Note, title: str) -> dict[str, object]:
    times = {f"{name}_{part}": value for name in ("created_at", "due_at") for part, value in enumerate(NOON)}
    return {"title": title, "rank": 1, "id": str(note.pk), **times}


def test_the_log_names_rows_by_their_ids_whatever_is_done_to_them(browser: Client, note: Note) -> None:
    browser.handler.enforce_csrf_checks = False
    other = Note(id=uuid4())
    browser.post(f"{NOTES}add/", form_of(other, PRIVATE))
    browser.post(f"{NOTES}{note.pk}/change/", form_of(note, f"{PRIVATE}, changed"))
    browser.post(f"{NOTES}{note.pk}/delete/", {"post": "yes"})
    for action in ("mark", "delete_selected"):
        browser.post(NOTES, {"action": action, "_selected_action": str(other.pk), "post": "yes"})

    entries = list(LogEntry.objects.order_by("pk").values_list("action_flag", "object_id", "object_repr"))
    ids = [str(other.pk), str(note.pk), str(note.pk), str(other.pk), str(other.pk)]
    assert entries == [(flag, pk, pk) for flag, pk in zip((1, 2, 3, 2, 3), ids, strict=True)]
    assert PRIVATE not in str(list(LogEntry.objects.values()))


def test_the_history_of_a_row_is_still_found(browser: Client, note: Note) -> None:
    browser.handler.enforce_csrf_checks = False
    browser.post(f"{NOTES}{note.pk}/change/", form_of(note, "changed"))

    history = browser.get(f"{NOTES}{note.pk}/history/").context["action_list"]
    assert ["title" in entry.get_change_message().lower() for entry in history] == [True]


def test_a_row_that_is_forgotten_leaves_what_was_done_to_it(browser: Client, root: UUID, note: Note) -> None:
    browser.handler.enforce_csrf_checks = False
    other = Note.objects.create(title="other", created_at=timezone.now())
    for each in (note, other):
        browser.post(f"{NOTES}{each.pk}/change/", form_of(each, "changed"))

    forget_row(note)

    kept = LogEntry.objects.order_by("pk").values_list("action_flag", "user__username", "object_id", "object_repr")
    assert list(kept) == [(CHANGE, str(root), None, "erased"), (CHANGE, str(root), str(other.pk), str(other.pk))]


def test_an_erased_account_leaves_no_mirror_and_no_session(
    browser: Client, root: UUID, staff_service: StaffStub
) -> None:
    other_id = staff_service.add("other")
    other, _ = sign_in("other@example.com")

    erase_mirror(root)

    assert list(User.objects.values_list("username", flat=True)) == [str(other_id)]
    assert [session.session_key for session in Session.objects.all()] == [other.session.session_key]
    assert is_in(other)
    assert not is_in(browser)


def test_what_erased_staff_did_stays_in_the_log_without_their_name(browser: Client, root: UUID, note: Note) -> None:
    browser.handler.enforce_csrf_checks = False
    browser.post(f"{NOTES}{note.pk}/change/", form_of(note, "changed"))

    erase_mirror(root)
    erase_mirror(root)

    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.user.username, entry.user.email) == (str(note.pk), "erased", "")
    assert not entry.user.is_active
    assert not entry.user.has_usable_password()
    assert User.objects.count() == 1


def test_erasing_an_account_that_never_signed_in_here_changes_nothing(browser: Client, root: UUID) -> None:
    erase_mirror(uuid4())

    assert list(User.objects.values_list("username", flat=True)) == [str(root)]
    assert is_in(browser)
