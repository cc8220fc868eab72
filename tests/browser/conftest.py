"""A real browser, where the machine has one, that reports what pages do against their own security policy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.conftest import GATEWAY_URL

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("There is no browser here; install one with: apt-get install --yes chromium")
    with sync_playwright() as playwright:
        # Its sandbox does not run as root, as which containers run tests.
        sandboxed = os.geteuid() != 0
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=sandboxed)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a new session; whatever its policy forbids, or its scripts throw, fails the test."""
    context = browser.new_context(base_url=GATEWAY_URL, viewport=DESK)
    context.set_default_timeout(15_000)
    page = context.new_page()
    wrongs: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            wrongs.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: wrongs.append(str(error)))
    yield page
    context.close()
    assert wrongs == []


def assert_accessible(page: Page, *, without: tuple[str, ...] = ()) -> None:
    """Check a page against WCAG 2.1 A and AA with axe."""
    options = {
        "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
        "rules": {rule: {"enabled": False} for rule in without},
    }
    results = Axe().run(page, options=options)
    assert results.violations_count == 0, results.generate_report()


def assert_fits(page: Page) -> None:
    """Check that nothing of a page is cut off or needs scrolling sideways."""
    width = page.evaluate("document.documentElement.scrollWidth")
    assert page.viewport_size is not None
    assert width <= page.viewport_size["width"]
