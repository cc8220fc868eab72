"""What auth_svc keeps of somebody whose account is deleted: nothing that says who it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from accounts.models import User
from accounts.services import erase as erase_account
from chassis.testing.acts import at_once
from chassis.testing.admin import form_on, sign_in
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session as AdminSession
from django.db import OperationalError, transaction
from django.test import Client

from tests.admin import ADMIN, USERS, act
from tests.conftest import PASSWORD, Persona

pytestmark = pytest.mark.django_db


def by_themselves(admin: Client, persona: Persona) -> None:
    persona.sign_in()
    assert persona.client.delete("/auth/me", {"password": PASSWORD}).status_code == 202


def on_their_page(admin: Client, persona: Persona) -> None:
    assert admin.post(f"{USERS}{persona.user.pk}/delete/", {"post": "yes"}).status_code == 302


def by_action(admin: Client, persona: Persona) -> None:
    form = {"action": "delete_selected", "_selected_action": str(persona.user.pk), "post": "yes"}
    assert admin.post(USERS, form).status_code == 302


erasing = pytest.mark.parametrize("erase", [by_themselves, on_their_page, by_action])
Erase = Callable[[Client, Persona], None]


def log_text() -> str:
    return "\n".join(str(row) for row in LogEntry.objects.values_list())


@erasing
def test_the_log_keeps_what_staff_did_but_not_to_whom(admin: Client, root: User, alice: Persona, erase: Erase) -> None:
    page = f"{USERS}{alice.user.pk}/change/"
    admin.post(page, form_on(admin, page, is_staff="on"))
    act(admin, USERS, "end_sessions", alice.user)
    before = LogEntry.objects.filter(user=root).count()

    erase(admin, alice)

    assert LogEntry.objects.filter(user=root).count() >= before
    assert "alice@example.com" not in log_text()
    assert str(alice.user.pk) not in log_text()


def test_the_log_names_accounts_by_their_ids(admin: Client, alice: Persona) -> None:
    act(admin, USERS, "deactivate", alice.user)

    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.object_repr) == (str(alice.user.pk), str(alice.user.pk))
    assert entry.change_message == "Deactivated."


@erasing
def test_what_erased_staff_did_stays_in_the_log_without_their_name(
    admin: Client, staff: Persona, alice: Persona, erase: Erase
) -> None:
    User.objects.filter(pk=staff.user.pk).update(is_superuser=True)
    theirs, _ = sign_in("staff@example.com", PASSWORD)
    theirs.handler.enforce_csrf_checks = False
    act(theirs, USERS, "deactivate", alice.user)

    erase(admin, staff)

    entry = LogEntry.objects.get(change_message="Deactivated.")
    assert entry.object_id == str(alice.user.pk)
    assert "staff" not in entry.user.email
    assert not entry.user.is_active
    assert not entry.user.has_usable_password()


def test_all_who_are_erased_share_one_account_in_the_log(admin: Client, root: User) -> None:
    for name in ("first", "second"):
        user = User.objects.create_user(f"{name}@example.com", PASSWORD)
        LogEntry.objects.create(user=user, object_repr="x", action_flag=1)
        on_their_page(admin, Persona(user))

    assert len(set(LogEntry.objects.exclude(user=root).values_list("user", flat=True))) == 1


@erasing
def test_the_sessions_of_erased_staff_in_the_admin_are_deleted_and_no_others(
    admin: Client, staff: Persona, erase: Erase
) -> None:
    sign_in("staff@example.com", PASSWORD)
    assert AdminSession.objects.count() == 2

    erase(admin, staff)

    assert [session.session_key for session in AdminSession.objects.all()] == [admin.session.session_key]


def test_a_superuser_may_delete_themselves(admin: Client, root: User) -> None:
    response = admin.post(f"{USERS}{root.pk}/delete/", {"post": "yes"})

    assert response.status_code == 302
    assert not AdminSession.objects.exists()
    assert admin.get(ADMIN).status_code == 302
    assert not User.objects.filter(email="root@example.com").exists()


def test_an_account_that_no_staff_had_to_do_with_leaves_no_row(alice: Persona, admin: Client, root: Any) -> None:
    by_themselves(admin, alice)

    assert list(User.objects.all()) == [root]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_jobs")
def test_an_account_is_locked_before_it_is_erased(alice: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a login could give it a session between the deletion of its sessions and its own."""

    def lock(_: int) -> type[Exception] | None:
        try:
            with transaction.atomic():
                User.objects.select_for_update(nowait=True).get(pk=alice.user.pk)
        except OperationalError as error:
            return type(error)
        return None

    seen: list[Any] = []
    monkeypatch.setattr("accounts.services.forget_row", lambda _: seen.extend(at_once(1, lock)))

    erase_account(account=alice.user)

    assert seen == [OperationalError]
