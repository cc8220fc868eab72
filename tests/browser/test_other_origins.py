"""A page of another origin, such as a front-end application, uses the API in a real browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page

from tests.conftest import GATEWAY_URL, PASSWORD
from tests.own_gateway import Stub, own_gateway
from tests.test_cors import Unreadable

CALL = """async ([method, url, body, headers]) => {
  const options = {method, headers: {"Content-Type": "application/json", ...headers}};
  const response = await fetch(url, body === null ? options : {...options, body: JSON.stringify(body)});
  return {status: response.status, headers: Object.fromEntries(response.headers), body: await response.json()};
}"""


class EmptyPage(Stub):
    """The origin of an application."""

    def do_GET(self) -> None:  # noqa: N802  # The name that http.server calls.
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()


@pytest.fixture
def other_origin(page: Page) -> Iterator[str]:
    """An origin of its own, whose page is open."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        origin = f"http://127.0.0.1:{server.server_port}"
        page.goto(origin)
        yield origin
        server.shutdown()


def call(page: Page, method: str, url: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """Call the API from the page; return what its script may see of the answer."""
    address = url if "://" in url else GATEWAY_URL + url
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    answer: dict[str, Any] = page.evaluate(CALL, [method, address, body, given])
    return answer


@pytest.mark.usefixtures("other_origin")
def test_a_page_of_another_origin_uses_the_whole_api(page: Page) -> None:
    account = {"email": f"page-{uuid4().hex}@example.com", "password": PASSWORD}
    assert call(page, "POST", "/auth/register", account)["status"] == 201
    tokens = call(page, "POST", "/auth/login", account)["body"]["data"]
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}

    made = call(page, "POST", "/tasks", {"title": "one"}, Idempotency_Key="key-1", **bearer)
    repeated = call(page, "POST", "/tasks", {"title": "one"}, Idempotency_Key="key-1", **bearer)
    assert repeated["headers"]["idempotency-replayed"] == "true"
    address, etag = made["headers"]["location"], made["headers"]["etag"]
    assert made["headers"]["x-request-id"]

    changed = call(page, "PATCH", address, {"title": "two"}, If_Match=etag, **bearer)
    stale = call(page, "PATCH", address, {"title": "three"}, If_Match=etag, **bearer)
    assert (changed["status"], stale["status"]) == (200, 412)
    assert stale["body"]["error"]["code"] == "precondition_failed"
    assert stale["headers"]["etag"] == changed["headers"]["etag"] != etag

    call(page, "POST", "/tasks", {"title": "another"}, **bearer)
    first = call(page, "GET", "/tasks/tasks?page_size=1", **bearer)
    following = first["headers"]["link"].partition(">")[0].removeprefix("<")
    second = call(page, "GET", following, **bearer)
    assert [task["title"] for task in first["body"] + second["body"]] == ["another", "two"]

    assert "Bearer" in call(page, "GET", "/tasks")["headers"]["www-authenticate"]


@pytest.mark.usefixtures("other_origin")
def test_a_page_of_another_origin_reads_a_failure_of_the_gateway(page: Page, tmp_path: Path) -> None:
    with own_gateway(Unreadable, tmp_path) as gateway:
        answer = call(page, "GET", f"http://127.0.0.1:{gateway.port}/tasks", Authorization="Bearer x")

    assert (answer["status"], answer["body"]["error"]["code"]) == (502, "bad_gateway")
    assert answer["headers"]["retry-after"] == "1"


@pytest.mark.parametrize("origins", ["https://app.example.com", ""], ids=["another", "none"])
@pytest.mark.usefixtures("other_origin")
def test_a_page_of_an_origin_outside_the_list_gets_nothing(page: Page, tmp_path: Path, origins: str) -> None:
    with own_gateway(Unreadable, tmp_path, settings={"CORS_ORIGINS": origins}) as gateway:
        url = f"http://127.0.0.1:{gateway.port}/health"
        # Without a header of ours, so that there is no preflight either.
        assert page.evaluate("url => fetch(url).then(response => response.status, error => error.message)", url) == (
            "Failed to fetch"
        )


def test_a_page_of_an_origin_in_the_list_gets_its_answer(page: Page, other_origin: str, tmp_path: Path) -> None:
    with own_gateway(Unreadable, tmp_path, settings={"CORS_ORIGINS": other_origin}) as gateway:
        assert call(page, "GET", f"http://127.0.0.1:{gateway.port}/health")["body"]["status"] == "ok"
