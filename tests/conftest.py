"""The system as its users reach it: an address, and accounts made through it. No Django, no database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import requests

from local.config import Config
from tests.documented import assert_documented
from tests.local_stack import LocalStack
from tests.logs import secrets_in_logs
from tests.waiting import eventually

GATEWAY_URL = os.environ.get("GATEWAY_URL", "http://127.0.0.1:8000").rstrip("/")
PASSWORD = "correct horse battery"


class Client(requests.Session):
    """A client of the gateway with a timeout, which follows no redirect."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", 20)
        kwargs["allow_redirects"] = False
        address = str(url)
        response = super().request(method, address if "://" in address else GATEWAY_URL + address, *args, **kwargs)
        if not response.ok and response.headers.get("Content-Type") == "application/json" and response.content:
            error = response.json().get("error") or {}
            assert_documented(str(method), urlsplit(response.url).path, response.status_code, error.get("code"))
        return response


_open: list[Client] = []


@pytest.fixture(autouse=True, scope="module")
def _close_clients() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


def new_client(token: str | None = None) -> Client:
    client = Client()
    _open.append(client)
    client.trust_env = False
    if token:
        client.headers["Authorization"] = f"Bearer {token}"
    return client


@dataclass
class Persona:
    """Somebody with an account, signed in."""

    id: str
    email: str
    tokens: dict[str, Any]
    client: Client = field(repr=False)

    @property
    def token(self) -> str:
        token: str = self.tokens["access_token"]
        return token


def login(email: str, password: str = PASSWORD) -> dict[str, Any]:
    response = new_client().post("/auth/login", json={"email": email, "password": password})
    assert response.status_code == 200, response.text
    tokens: dict[str, Any] = response.json()["data"]
    return tokens


def join(name: str) -> Persona:
    """Register somebody new and sign them in."""
    email = f"{name}-{uuid4().hex[:12]}@example.com"
    response = new_client().post("/auth/register", json={"email": email, "password": PASSWORD})
    assert response.status_code == 201, response.text
    tokens = login(email)
    return Persona(response.json()["data"]["id"], email, tokens, new_client(tokens["access_token"]))


def failure_of(response: requests.Response) -> tuple[int, str]:
    """Check that an answer has the failure shape; return its status and code."""
    body = response.json()
    assert set(body) == {"success", "message", "data", "error", "request_id"}, body
    assert body["success"] is False
    assert body["data"] is None
    assert body["request_id"] == response.headers["X-Request-ID"]
    assert set(body["error"]) - {"fields"} == {"code", "details"}
    return response.status_code, body["error"]["code"]


@pytest.fixture
def anonymous() -> Client:
    return new_client()


@pytest.fixture
def alice() -> Persona:
    return join("alice")


@pytest.fixture
def bob() -> Persona:
    return join("bob")


@pytest.fixture(scope="session")
def stack() -> LocalStack:
    """The processes behind the gateway, where this machine runs them."""
    if not os.environ.get("STACK_DATA_DIR"):
        pytest.skip("This test stops and starts the system's processes: run it with ./manage_all.sh test.")
    return LocalStack(Config())


@pytest.fixture(scope="session", autouse=True)
def _no_log_tells_a_secret() -> Iterator[None]:
    """Look at all that has been logged in all tests, once they have ended."""
    yield
    if os.environ.get("STACK_DATA_DIR"):
        assert secrets_in_logs([PASSWORD]) == set()


@pytest.fixture
def whole(stack: LocalStack) -> Iterator[LocalStack]:
    """The processes, healthy before the test and healthy again after it, whatever it breaks."""
    stack.wait_until_healthy(GATEWAY_URL)
    eventually(stack.all_run, within=60)
    try:
        yield stack
    finally:
        stack.mend()
        stack.wait_until_settled(GATEWAY_URL)


@pytest.fixture(scope="session")
def staff(stack: LocalStack) -> Persona:
    """Somebody whose account an operator made with createsuperuser."""
    email = f"staff-{uuid4().hex[:12]}@example.com"
    stack.create_superuser(email, PASSWORD)
    tokens = login(email)
    client = new_client(tokens["access_token"])
    me = client.get("/auth/me").json()["data"]
    return Persona(me["id"], email, tokens, client)
