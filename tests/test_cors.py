"""Which answers a browser gives to pages of other origins (the CORS protocol of the Fetch standard)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.conftest import Client, Persona, failure_of, new_client
from tests.own_gateway import Stub, own_gateway

ORIGIN = "https://app.example.com"
EXPOSED = "ETag, Location, Link, Retry-After, X-Request-ID, Idempotency-Replayed, WWW-Authenticate, Deprecation, Sunset"
PREFLIGHT = {"Origin": ORIGIN, "Access-Control-Request-Method": "PATCH"}
API = ("/health", "/auth/health", "/auth/login", "/tasks", "/tasks/nothing", "/users/users")
PAGES = (
    "/",
    "/docs",
    "/assets/site.css",
    "/nothing",
    "/internal/staff",
    *(f"/{prefix}/{page}" for prefix in ("auth", "tasks", "users") for page in ("admin/login/", "docs", "schema")),
    "/auth/admin",
    "/auth/%61dmin/login/",
    "/auth/static/chassis/docs.css",
)


class Unreadable(Stub):
    """A service that answers with what the gateway makes a 502 of."""

    def do_GET(self) -> None:  # noqa: N802  # The name that http.server calls.
        self.wfile.write(b"This is not HTTP.\r\n\r\n")


def grants(response: requests.Response) -> dict[str, str]:
    """Return what an answer grants to other origins."""
    headers = response.headers.items()
    return {name: value for name, value in headers if name.lower().startswith("access-control-")}


@contextmanager
def gateway_for(origins: str, home: Path) -> Iterator[str]:
    """Run a gateway with these CORS_ORIGINS, which tries nothing again; give its address."""
    once = {"lb_try_duration 8s": "lb_try_duration 0s"}
    with own_gateway(Unreadable, home, once, {"CORS_ORIGINS": origins}) as gateway:
        yield f"http://127.0.0.1:{gateway.port}"


@pytest.mark.parametrize("path", API)
def test_a_preflight_of_the_api_ends_at_the_gateway(anonymous: Client, path: str) -> None:
    response = anonymous.options(path, headers=PREFLIGHT)

    assert (response.status_code, response.content) == (204, b"")
    assert grants(response) == {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "Access-Control-Allow-Headers": (
            "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, X-Request-ID"
        ),
        "Access-Control-Expose-Headers": EXPOSED,
        "Access-Control-Max-Age": "7200",
    }


@pytest.mark.parametrize("path", API)
def test_answers_of_the_api_are_for_every_origin_and_never_with_credentials(anonymous: Client, path: str) -> None:
    response = anonymous.get(path, headers={"Origin": ORIGIN})

    assert grants(response) == {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}
    assert "Origin" in response.headers["Vary"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_and_their_files_are_for_their_own_origin(anonymous: Client, path: str) -> None:
    assert grants(anonymous.get(path, headers={"Origin": ORIGIN})) == {}
    assert grants(anonymous.options(path, headers=PREFLIGHT)) == {}


def test_options_that_is_no_preflight_reaches_the_service(alice: Persona) -> None:
    assert failure_of(alice.client.options("/tasks")) == (405, "method_not_allowed")


def test_failures_of_the_gateway_are_for_every_origin_too(alice: Persona, tmp_path: Path) -> None:
    headers = {"Origin": ORIGIN, "Content-Type": "application/json"}
    too_large = alice.client.post("/tasks", data=b"x" * 3_000_000, headers=headers)
    too_long = alice.client.get(f"/tasks?search={'x' * 8000}", headers=headers)
    with gateway_for("*", tmp_path) as address:
        bad_gateway = new_client().get(f"{address}/tasks", headers=headers)

    for response, status in ((too_large, 413), (too_long, 414), (bad_gateway, 502)):
        assert failure_of(response)[0] == status
        assert grants(response) == {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": EXPOSED}


def test_only_the_origins_of_a_list_are_granted_anything(tmp_path: Path) -> None:
    with gateway_for(f"http://localhost:5173, {ORIGIN}", tmp_path) as address:
        for origin in ("http://localhost:5173", ORIGIN):
            response = new_client().get(f"{address}/tasks", headers={"Origin": origin})
            assert response.headers["Access-Control-Allow-Origin"] == origin
            assert response.headers["Vary"] == "Origin"
        for origin in ("http://localhost:51730", "https://example.com", "null", "*"):
            for method in ("GET", "OPTIONS"):
                response = new_client().request(method, f"{address}/tasks", headers={**PREFLIGHT, "Origin": origin})
                assert grants(response) == {}
                assert response.headers["Vary"] == "Origin"


def test_no_origin_is_granted_anything_where_the_setting_is_empty(tmp_path: Path) -> None:
    with gateway_for("", tmp_path) as address:
        for origin in (ORIGIN, ""):
            assert grants(new_client().get(f"{address}/tasks", headers={"Origin": origin})) == {}
            assert grants(new_client().options(f"{address}/tasks", headers={**PREFLIGHT, "Origin": origin})) == {}
