"""A real browser, where there is one, that reports what pages do against their own security policy."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, ViewportSize, sync_playwright

from tests.browser import chromium
from tests.conftest import GATEWAY_URL

PHONE = ViewportSize(width=390, height=844)
DESK = ViewportSize(width=1280, height=900)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        program = chromium.find()
    except chromium.NoBrowser as reason:
        pytest.skip(str(reason))
    with sync_playwright() as playwright:
        # Its sandbox does not run as root, as which containers run tests.
        sandboxed = os.geteuid() != 0
        try:
            browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=sandboxed)
        except Error:
            if program is None:
                pytest.skip(f"Playwright's browser does not run here; install one that does, {chromium.DEBIAN}")
            raise
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


def log_in(page: Page, email: str, password: str) -> None:
    form = page.get_by_role("form", name="Log in")
    form.get_by_label("E-mail").fill(email)
    form.get_by_label("Password").fill(password)
    form.get_by_role("button").click()


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
