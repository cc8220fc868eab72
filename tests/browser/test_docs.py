"""The documentation of the three APIs, used as its readers use it."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, assert_accessible, assert_fits
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

    login = operation(page, "post", "/auth/login")
    login.locator("textarea.body-param__text").fill(json.dumps({"email": alice.email, "password": PASSWORD}))
    status, body = execute(login)
    assert status == "200"

    page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".modal-ux")
    dialog.get_by_role("textbox").fill(body["data"]["access_token"])
    dialog.get_by_role("button", name="Apply credentials").click()
    dialog.get_by_role("button", name="Close", exact=True).click()

    status, body = execute(operation(page, "get", "/auth/me"))
    assert (status, body["data"]["email"]) == ("200", alice.email)

    page.get_by_role("navigation").get_by_role("link", name="Tasks").click()
    expect(page.get_by_role("heading", name="Task service")).to_be_visible()
    status, body = execute(operation(page, "get", "/tasks"))
    assert status == "200"
    assert [task["title"] for task in body["data"]] == ["Read the documentation"]


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/docs#tasks", "Task service"),
        ("/docs#users", "User service"),
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
