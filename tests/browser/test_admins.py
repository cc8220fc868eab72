"""The three admins, in one session of one browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, assert_accessible, assert_fits
from tests.conftest import PASSWORD, Persona

ADMINS = ("/auth/admin/", "/tasks/admin/", "/users/admin/")


def sign_in(page: Page, admin: str, email: str, password: str = PASSWORD) -> None:
    page.goto(admin)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_staff_are_in_all_three_admins_at_once_and_edit_a_task(page: Page, staff: Persona, alice: Persona) -> None:
    task = alice.client.post("/tasks", json={"title": "Before", "labels": ["one, with a comma"]}).json()["data"]
    for admin in ADMINS:
        sign_in(page, admin, staff.email)
        expect(page.get_by_role("heading", name="Site administration")).to_be_visible()
    for admin in ADMINS:
        page.goto(admin)
        expect(page.get_by_text(staff.email)).to_be_visible()

    page.goto(f"/tasks/admin/tasks/task/?q={task['id']}")
    page.get_by_role("link", name="Before").click()
    page.get_by_label("Title").fill("After")
    page.get_by_label("Status").select_option("completed")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    changed = alice.client.get(f"/tasks/{task['id']}").json()["data"]
    assert (changed["title"], changed["status"], changed["version"]) == ("After", "completed", 2)
    assert changed["labels"] == ["one, with a comma"]
    assert changed["completed_at"] is not None


@pytest.mark.parametrize("admin", ADMINS)
def test_who_is_not_staff_stays_outside(page: Page, alice: Persona, admin: str) -> None:
    sign_in(page, admin, alice.email)

    expect(page.get_by_text("the e-mail address and the password of a staff account")).to_be_visible()


def test_signing_out_of_one_admin_leaves_the_others(page: Page, staff: Persona) -> None:
    for admin in ADMINS:
        sign_in(page, admin, staff.email)

    page.goto("/tasks/admin/")
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("Thanks for spending some quality time")).to_be_visible()

    page.goto("/tasks/admin/")
    expect(page.get_by_role("button", name="Log in")).to_be_visible()
    page.goto("/users/admin/")
    expect(page.get_by_text(staff.email)).to_be_visible()


def test_the_lists_can_be_used_by_everybody(page: Page, staff: Persona, alice: Persona) -> None:
    alice.client.post("/tasks", json={"title": "Something"})
    sign_in(page, "/tasks/admin/", staff.email)
    for path in ("/tasks/admin/", "/tasks/admin/tasks/task/"):
        page.goto(path)
        assert_accessible(page)
    page.set_viewport_size(PHONE)
    page.goto("/tasks/admin/")
    assert_fits(page)
