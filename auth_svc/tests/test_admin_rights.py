"""What staff without all rights may do to accounts with more, over every route of the admin: nothing."""

from __future__ import annotations

from typing import Any

import pytest
from accounts import services
from accounts.models import User
from chassis.testing.admin import form_on, sign_in
from django.contrib.auth.models import Group, Permission
from django.test import Client

from tests.admin import ADMIN, SESSIONS, USERS, act
from tests.conftest import PASSWORD, Persona

pytestmark = pytest.mark.django_db

NEW = "another horse battery"
GROUPS = f"{ADMIN}auth/group/"


def grant(user: User, *codenames: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))


def with_permission(user: User) -> None:
    grant(user, "delete_group")


def with_group(user: User) -> None:
    group = Group.objects.create(name="erasers")
    group.permissions.add(Permission.objects.get(codename="delete_group"))
    user.groups.add(group)


def as_staff(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_staff=True)


def as_superuser(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_superuser=True)


@pytest.fixture
def clerk(staff: Persona) -> Client:
    """A browser of staff who may view, change, add and delete accounts and sessions, and nothing else."""
    grant(staff.user, "view_user", "change_user", "add_user", "delete_user", "view_session", "change_session")
    client, response = sign_in("staff@example.com", PASSWORD)
    assert response.status_code == 302, response.content
    client.handler.enforce_csrf_checks = False
    return client


@pytest.fixture(
    params=[as_superuser, as_staff, with_permission, with_group], ids=["superuser", "staff", "permission", "group"]
)
def boss(request: pytest.FixtureRequest, bob: Persona) -> Persona:
    """Somebody with a right that the clerk lacks."""
    request.param(bob.user)
    bob.user.refresh_from_db()
    return bob


def is_untouched(persona: Persona) -> bool:
    now = User.objects.get(pk=persona.user.pk)
    fields = ("email", "password", "is_active", "is_staff", "is_superuser")
    return persona.is_signed_in() and all(getattr(now, name) == getattr(persona.user, name) for name in fields)


def form_of(client: Client, user: User, **changes: Any) -> dict[str, Any]:
    return form_on(client, f"{USERS}{user.pk}/change/", **changes)


@pytest.mark.parametrize("change", [{"email": "mine@example.com"}, {"is_active": ""}], ids=["address", "inactive"])
def test_nobody_changes_an_account_with_rights_that_they_lack(
    clerk: Client, boss: Persona, change: dict[str, str]
) -> None:
    page = f"{USERS}{boss.user.pk}/change/"

    assert 'name="_save"' not in clerk.get(page).content.decode()
    assert clerk.post(page, form_of(clerk, boss.user, **change)).status_code == 403
    assert is_untouched(boss)


def test_nobody_sets_the_password_of_an_account_with_rights_that_they_lack(clerk: Client, boss: Persona) -> None:
    page = f"{USERS}{boss.user.pk}/password/"
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}

    assert clerk.get(page).status_code == 403
    assert clerk.post(page, form).status_code == 403
    assert clerk.post(page, {"usable_password": "false", "unset-password": "1"}).status_code == 403
    assert is_untouched(boss)


def test_nobody_deletes_an_account_with_rights_that_they_lack(clerk: Client, staff: Persona, boss: Persona) -> None:
    boss.user.sessions.all().delete()
    page = f"{USERS}{boss.user.pk}/delete/"

    assert clerk.get(page).status_code == 403
    assert clerk.post(page, {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=boss.user.pk).exists()


def test_a_selection_with_such_an_account_is_not_deleted(clerk: Client, alice: Persona, boss: Persona) -> None:
    for persona in (alice, boss):
        persona.user.sessions.all().delete()
    chosen = [str(alice.user.pk), str(boss.user.pk)]
    form = {"action": "delete_selected", "_selected_action": chosen}

    assert "your account doesn" in clerk.post(USERS, form).content.decode()
    assert clerk.post(USERS, {**form, "post": "yes"}).status_code == 403
    assert User.objects.filter(pk__in=chosen).count() == 2


@pytest.mark.parametrize("action", ["deactivate", "end_sessions"])
def test_an_action_leaves_such_an_account_out(clerk: Client, alice: Persona, boss: Persona, action: str) -> None:
    page = act(clerk, USERS, action, alice.user, boss.user)

    assert "Left out 1: their accounts have rights that you lack." in page
    assert not alice.is_signed_in()
    assert is_untouched(boss)


def test_a_session_of_such_an_account_is_not_ended(clerk: Client, alice: Persona, boss: Persona) -> None:
    page = act(clerk, SESSIONS, "end", alice.session, boss.session)

    assert "Ended 1 sessions." in page
    assert "Left out 1: their accounts have rights that you lack." in page
    assert not alice.is_signed_in()
    assert is_untouched(boss)


def test_a_session_of_such_an_account_is_not_changed_or_deleted(
    clerk: Client, staff: Persona, alice: Persona, bob: Persona
) -> None:
    grant(staff.user, "delete_session")
    as_superuser(bob.user)
    sessions = [str(persona.session.pk) for persona in (alice, bob)]
    form = {"action": "delete_selected", "_selected_action": sessions, "post": "yes"}

    assert clerk.post(SESSIONS, form).status_code == 403
    assert clerk.post(f"{SESSIONS}{bob.session.pk}/delete/", {"post": "yes"}).status_code == 403
    assert clerk.post(f"{SESSIONS}{bob.session.pk}/change/", {}).status_code == 403
    assert alice.is_signed_in()
    assert bob.is_signed_in()
    assert clerk.post(f"{SESSIONS}{alice.session.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not alice.is_signed_in()


def forged(client: Client, persona: Persona) -> dict[str, Any]:
    """Return the fields of a form that nobody was shown."""
    group, _ = Group.objects.get_or_create(name="bosses")
    permissions = [str(pk) for pk in Permission.objects.values_list("pk", flat=True)]
    ranks = {"is_staff": "on", "is_superuser": "on", "groups": [str(group.pk)], "user_permissions": permissions}
    return form_of(client, persona.user, **ranks)


def test_staff_gives_nobody_rights(clerk: Client, staff: Persona, alice: Persona) -> None:
    for persona in (alice, staff):
        rights = set(persona.user.get_all_permissions())

        assert clerk.post(f"{USERS}{persona.user.pk}/change/", forged(clerk, persona)).status_code == 302

        user = User.objects.get(pk=persona.user.pk)
        assert (user.is_staff, user.is_superuser) == (persona.user.is_staff, False)
        assert not user.groups.exists()
        assert user.get_all_permissions() == rights


def test_a_new_account_is_given_no_rights_either(clerk: Client, alice: Persona) -> None:
    form = {**forged(clerk, alice), "email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD}

    assert clerk.post(f"{USERS}add/", form).status_code == 302

    user = User.objects.get(email="new@example.com")
    assert (user.is_staff, user.is_superuser) == (False, False)
    assert not user.groups.exists()
    assert not user.user_permissions.exists()


def test_staff_with_the_permission_still_manages_ordinary_accounts(clerk: Client, alice: Persona) -> None:
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert clerk.post(f"{USERS}{alice.user.pk}/password/", form).status_code == 302
    change = form_of(clerk, alice.user, email="changed@example.com", is_active="")
    assert clerk.post(f"{USERS}{alice.user.pk}/change/", change).status_code == 302

    user = User.objects.get(pk=alice.user.pk)
    assert user.check_password(NEW)
    assert (user.email, user.is_active) == ("changed@example.com", False)


def test_staff_without_the_permission_changes_nobody(staff: Persona, alice: Persona) -> None:
    grant(staff.user, "view_user")
    client, _ = sign_in("staff@example.com", PASSWORD)
    client.handler.enforce_csrf_checks = False

    assert client.post(f"{USERS}{alice.user.pk}/change/", form_of(client, alice.user)).status_code == 403


def test_a_superuser_gives_rights(admin: Client, alice: Persona) -> None:
    assert admin.post(f"{USERS}{alice.user.pk}/change/", forged(admin, alice)).status_code == 302

    user = User.objects.get(pk=alice.user.pk)
    assert (user.is_staff, user.is_superuser) == (True, True)
    assert user.groups.exists()


def test_a_group_is_a_superusers_to_change(clerk: Client, staff: Persona, admin: Client) -> None:
    grant(staff.user, "view_group", "change_group", "add_group", "delete_group")
    group = Group.objects.create(name="clerks")
    staff.user.groups.add(group)
    page = f"{GROUPS}{group.pk}/change/"
    form = form_on(admin, page, permissions=[str(Permission.objects.get(codename="delete_group").pk)])

    assert clerk.get(GROUPS).status_code == 403
    assert clerk.post(page, form).status_code == 403
    assert clerk.post(f"{GROUPS}add/", {**form, "name": "new"}).status_code == 403
    assert not group.permissions.exists()
    assert admin.post(page, form).status_code == 302
    assert group.permissions.exists()


def test_the_admin_is_no_way_past_the_password_rules(clerk: Client, admin: Client, alice: Persona) -> None:
    form = {"password1": " " * 12, "password2": " " * 12, "usable_password": "true"}

    for browser in (clerk, admin):
        page = browser.post(f"{USERS}{alice.user.pk}/password/", form).content.decode()
        assert "This password consists of spaces alone." in page
    page = admin.post(f"{USERS}add/", {**form, "email": "new@example.com"}).content.decode()
    assert "This password consists of spaces alone." in page


def test_nobody_manages_the_account_that_stands_for_erased_ones(admin: Client, root: User, alice: Persona) -> None:
    services.erase(account=User.objects.create_superuser("erased@example.com", PASSWORD))
    erased = services._erased_account()

    page = admin.post(f"/auth/admin/accounts/user/{erased.pk}/delete/", {"post": "yes"})

    assert page.status_code == 403
    assert not User.objects.manageable_by(root).filter(pk=erased.pk).exists()
    assert User.objects.filter(pk=erased.pk).exists()
