"""Who may do what in an admin is a superuser's to say."""

from __future__ import annotations

from copy import copy
from uuid import UUID

import pytest
from chassis.testing.acts import at_once
from chassis.testing.admin import StaffStub, form_on, sign_in
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from tests.browsers import ADMIN

pytestmark = pytest.mark.django_db
GROUPS = f"{ADMIN}auth/group/"
USERS = f"{ADMIN}auth/user/"


@pytest.fixture
def group() -> Group:
    return Group.objects.create(name="clerks")


@pytest.fixture
def clerk(staff_service: StaffStub, group: Group) -> Client:
    """A browser of staff with every permission of Django's that is about groups and users."""
    account_id = staff_service.add("clerk", is_superuser=False)
    client, response = sign_in("clerk@example.com")
    assert response.status_code == 302
    client.handler.enforce_csrf_checks = False
    user = User.objects.get(username=str(account_id))
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    user.groups.add(group)
    return client


def test_staff_with_the_permission_to_change_groups_does_not(clerk: Client, group: Group) -> None:
    every = [str(pk) for pk in Permission.objects.values_list("pk", flat=True)]
    form = {"name": "clerks", "permissions": every}

    for path in ("", "add/", f"{group.pk}/change/", f"{group.pk}/delete/"):
        assert clerk.get(f"{GROUPS}{path}").status_code == 403, path
    assert clerk.post(f"{GROUPS}{group.pk}/change/", form).status_code == 403
    assert clerk.post(f"{GROUPS}add/", {**form, "name": "new"}).status_code == 403
    assert clerk.post(f"{GROUPS}{group.pk}/delete/", {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": str(group.pk), "post": "yes"}
    assert clerk.post(GROUPS, action).status_code == 403
    assert [each.permissions.count() for each in Group.objects.all()] == [0]
    assert "Groups" not in clerk.get(ADMIN).content.decode()


def test_staff_with_the_permission_to_change_users_does_not(clerk: Client, group: Group) -> None:
    user = User.objects.get()
    superuser = User.objects.create(username="other", is_staff=True, is_superuser=True)

    for each in (user, superuser):
        assert clerk.get(f"{USERS}{each.pk}/change/").status_code == 403
        assert clerk.post(f"{USERS}{each.pk}/change/", {"groups": [], "user_permissions": []}).status_code == 403
        assert clerk.post(f"{USERS}{each.pk}/delete/", {"post": "yes"}).status_code == 403
    assert list(user.groups.all()) == [group]
    assert user.user_permissions.exists()


def test_a_superuser_makes_finds_changes_and_deletes_groups(browser: Client, root: UUID, group: Group) -> None:
    browser.handler.enforce_csrf_checks = False
    permission = Permission.objects.get(codename="change_note")

    assert browser.get(f"{GROUPS}add/").status_code == 200
    assert browser.post(f"{GROUPS}add/", {"name": "new"}).status_code == 302
    page = f"{GROUPS}{group.pk}/change/"
    assert browser.get(page).content.decode().count('name="seen"') == 1
    assert browser.post(page, form_on(browser, page, permissions=[permission.pk])).status_code == 302
    assert list(browser.get(GROUPS, {"q": "new"}).context["cl"].result_list) == [Group.objects.get(name="new")]
    assert list(group.permissions.all()) == [permission]
    assert browser.post(f"{GROUPS}{group.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Group.objects.values_list("name", flat=True)) == ["new"]


def test_a_form_opened_before_another_change_is_refused(browser: Client, group: Group) -> None:
    browser.handler.enforce_csrf_checks = False
    page = f"{GROUPS}{group.pk}/change/"
    form = form_on(browser, page, name="by the second")
    group.permissions.add(Permission.objects.get(codename="change_note"))

    response = browser.post(page, form)

    assert "The group has changed since" in str(response.context["errors"])
    assert Group.objects.get().name == "clerks"


@pytest.mark.django_db(transaction=True)
def test_of_forms_that_are_sent_at_once_one_is_saved(browser: Client, group: Group) -> None:
    browser.handler.enforce_csrf_checks = False
    page = f"{GROUPS}{group.pk}/change/"
    forms = [form_on(browser, page, name=f"by {number}") for number in range(4)]

    def send(number: int) -> int:
        client = Client()
        client.cookies = copy(browser.cookies)
        return client.post(page, forms[number]).status_code

    assert sorted(at_once(4, send)) == [200, 200, 200, 302]
