"""The documentation of the three APIs, used as its readers use it."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, assert_accessible, assert_fits, log_in
from tests.conftest import PASSWORD, Persona


def operation(page: Page, method: str, path: str) -> Locator:
    """Return an operation, opened."""
    row = page.locator(f".opblock-{method}", has=page.locator(f"[data-path='{path}']"))
    row.locator(".opblock-summary-control").click()
    return row


def execute(row: Locator) -> tuple[str, Any]:
    """Execute an opened operation; return the status and body that the page shows."""
    row.get_by_role("button", name="Execute").click()
    answer = row.locator(".live-responses-table .response")
    body = answer.locator(".highlight-code code").first.inner_text()
    return answer.locator(".response-col_status").inner_text().split()[0], json.loads(body)


def test_a_reader_logs_in_and_calls_all_three_services_with_one_token(page: Page, alice: Persona) -> None:
    alice.client.post("/tasks", json={"title": "Read the documentation"})
    page.goto("/docs")

    log_in(page, alice.email, PASSWORD)

    expect(page.get_by_role("status")).to_have_text(f"Logged in as {alice.email}")
    expect(page.get_by_role("form").get_by_label("Password")).to_have_value("")
    status, body = execute(operation(page, "get", "/auth/me"))
    assert (status, body["data"]["email"]) == ("200", alice.email)
    status, body = execute(operation(page, "get", "/tasks"))
    assert status == "200"
    assert [task["title"] for task in body["data"]] == ["Read the documentation"]
    status, body = execute(operation(page, "get", "/users/me"))
    assert (status, body["data"]["user_id"]) == ("200", alice.id)


def test_a_reader_with_a_wrong_password_is_told_so_and_has_no_token(page: Page, alice: Persona) -> None:
    page.goto("/docs")

    log_in(page, alice.email, "not her password")

    expect(page.get_by_role("status")).to_have_text("The e-mail address or the password is wrong.")
    status, body = execute(operation(page, "get", "/auth/me"))
    assert (status, body["error"]["code"]) == ("401", "not_authenticated")


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/docs", "Task manager"),
        ("/auth/docs", "Auth service"),
        ("/tasks/docs", "Task service"),
        ("/users/docs", "User service"),
    ],
)
def test_every_service_is_documented(page: Page, path: str, title: str) -> None:
    page.goto(path)

    expect(page.get_by_role("heading", name=title)).to_be_visible()
    expect(page.locator(".opblock").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", ["/docs", "/tasks/docs"])
def test_it_can_be_read_on_every_screen(
    page: Page, path: str, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    expect(page.locator(".opblock").first).to_be_visible()

    assert_accessible(page)
    assert_fits(page)
