"""The front page: what this is, how the services are, and where to go."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, assert_fits
from tests.local_stack import LocalStack

LINKS = ["/docs", *(f"/{prefix}/{page}" for prefix in ("auth", "tasks", "users") for page in ("docs", "admin/"))]


def test_it_links_to_the_documentation_and_the_admins(page: Page) -> None:
    page.goto("/")

    assert [link.get_attribute("href") for link in page.get_by_role("link").all()] == LINKS
    for link in LINKS:
        assert page.request.get(link).ok


def test_it_shows_a_service_going_down_and_coming_back(page: Page, whole: LocalStack) -> None:
    page.goto("/")
    tasks = page.locator("[data-health='/tasks/health']")
    users = page.locator("[data-health='/users/health']")
    expect(tasks).to_have_text("Healthy")

    whole.freeze("task-svc")
    expect(tasks).to_contain_text("Not available", timeout=20_000)
    expect(users).to_have_text("Healthy")

    whole.thaw_all()
    expect(tasks).to_have_text("Healthy", timeout=20_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_everybody_can_use_it_on_every_screen(page: Page, size: ViewportSize, scheme: Literal["light", "dark"]) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.goto("/")
    expect(page.get_by_text("Healthy")).to_have_count(3)

    results = Axe().run(page)

    assert results.violations_count == 0, results.generate_report()
    assert_fits(page)
