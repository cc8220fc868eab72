"""Accounts in the admin of auth_svc."""

from __future__ import annotations

from typing import Any

import pytest
from accounts.models import User
from chassis.testing.admin import form_on
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client

from tests.admin import USERS, act
from tests.conftest import PASSWORD, Persona, deferred

pytestmark = pytest.mark.django_db


def form_of(admin: Client, user: User, **changes: Any) -> dict[str, Any]:
    return form_on(admin, f"{USERS}{user.pk}/change/", **changes)


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

    response = admin.post(f"{USERS}{bob.user.pk}/change/", form_of(admin, bob.user, email="Alice@Example.com"))
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


def test_deactivating_others_says_nothing_of_oneself(admin: Client, alice: Persona) -> None:
    page = act(admin, USERS, "deactivate", alice.user)

    assert "Deactivated 1 accounts." in page
    assert "Nobody can deactivate themselves." not in page


@pytest.mark.parametrize("by", ["address", "group"])
def test_a_form_opened_before_another_change_is_refused(admin: Client, alice: Persona, by: str) -> None:
    form = form_of(admin, alice.user, is_active=False)
    if by == "address":
        User.objects.filter(pk=alice.user.pk).update(email="new@example.com")
    else:
        alice.user.groups.add(Group.objects.create(name="erasers"))

    response = admin.post(f"{USERS}{alice.user.pk}/change/", form)

    assert "The user has changed since" in str(response.context["errors"])
    assert User.objects.get(pk=alice.user.pk).is_active
    assert alice.is_signed_in()


@pytest.mark.django_db(transaction=True)
def test_a_password_page_needs_no_transaction(admin: Client, alice: Persona) -> None:
    form = {"password1": "another horse battery", "password2": "another horse battery", "usable_password": "true"}

    assert admin.post(f"{USERS}{alice.user.pk}/password/", form).status_code == 302


def test_unticking_active_ends_the_sessions(admin: Client, alice: Persona) -> None:
    admin.post(f"{USERS}{alice.user.pk}/change/", form_of(admin, alice.user, is_active=False))
    User.objects.filter(pk=alice.user.pk).update(is_active=True)

    assert not alice.is_signed_in()


def test_the_sessions_of_accounts_are_ended_together(admin: Client, alice: Persona, bob: Persona) -> None:
    assert "Ended 1 sessions." in act(admin, USERS, "end_sessions", alice.user)

    assert LogEntry.objects.get(change_message="Ended all sessions.").object_id == str(alice.user.pk)
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
