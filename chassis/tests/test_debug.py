from __future__ import annotations

import pytest
from chassis.debug import POLICY
from chassis.testing import JSONClient, failure_of
from django.conf import LazySettings
from django.test import Client

# What browsers send.
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(autouse=True)
def debug_pages(settings: LazySettings) -> None:
    """Make pages of what lies below /plain, and show errors in them."""
    settings.PAGES = ("/plain",)
    settings.DEBUG_PAGES = True


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False, headers=BROWSER)


def test_a_browser_sees_where_a_page_failed(browser: Client) -> None:
    response = browser.get("/plain/crash")
    page = response.content.decode()

    assert (response.status_code, response.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert "raise FAILURES[name]()" in page
    assert response.headers["Content-Security-Policy"] == POLICY
    # The page has its style inside, and nothing from elsewhere.
    assert "<style>" in page
    assert "src=" not in page


def test_the_page_hides_the_keys_of_the_service(browser: Client, settings: LazySettings) -> None:
    page = browser.get("/plain/crash").content.decode()

    assert "SERVICE_KEY" in page
    assert settings.SERVICE_KEY not in page
    assert settings.SECRET_KEY not in page


def test_a_browser_sees_why_there_is_no_page(browser: Client) -> None:
    response = browser.get("/plain/missing")

    assert response.status_code == 404
    assert "tests.failing.fail" in response.content.decode()


@pytest.mark.parametrize("name", ["crash", "missing"])
def test_the_api_keeps_its_failure_shape_for_a_browser_too(browser: Client, name: str) -> None:
    assert failure_of(browser.get(f"/fails/{name}"))[0] in (404, 500)
    assert failure_of(browser.get("/nowhere")) == (404, "not_found")


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_a_client_that_asks_for_no_html_gets_the_failure_shape(client: JSONClient, accept: str) -> None:
    assert failure_of(client.get("/plain/crash", headers={"Accept": accept})) == (500, "server_error")


def test_nobody_sees_it_unless_it_is_set(browser: Client, settings: LazySettings) -> None:
    settings.DEBUG_PAGES = False

    response = browser.get("/plain/crash")

    assert response.status_code == 500
    assert "FAILURES" not in response.content.decode()
