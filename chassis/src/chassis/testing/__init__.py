"""A pytest plugin for the services: no kept connections, clients per persona, and auth_svc stubbed at the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
import responses
from django.conf import settings
from django.test import Client

from chassis import contracts
from chassis.authentication import token_validator

pytest_plugins = ["chassis.testing.admin"]


@pytest.fixture(scope="session", autouse=True)
def _plain_static_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Serve static files under their own names; collecting and hashing them belongs to a deployment."""
    settings.STATIC_ROOT = str(tmp_path_factory.mktemp("static"))
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@pytest.fixture(scope="session", autouse=True)
def _no_kept_connections() -> None:
    """Let requests of other threads close their connections: kept, they would hold the database that is dropped."""
    settings.DATABASES["default"]["CONN_MAX_AGE"] = 0


@pytest.fixture(autouse=True)
def _forget_tokens() -> Iterator[None]:
    """Start each test without remembered identities."""
    token_validator.cache_clear()
    yield
    token_validator.cache_clear()


class JSONClient(Client):
    """Django's test client, speaking JSON with a Bearer token."""

    def __init__(self, token: str | None = None, **defaults: Any) -> None:
        if token:
            defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        super().__init__(raise_request_exception=False, **defaults)

    def generic(self, method: str, path: Any, data: Any = "", *args: Any, **extra: Any) -> Any:
        if isinstance(data, (dict, list)):
            data = json.dumps(data)
        if args and args[0] == "application/octet-stream":
            args = ("application/json", *args[1:])
        response: Any = super().generic(method, path, data, *args, **extra)
        assert_documented(method, response)
        assert_six_digits(response)
        return response

    def post(
        self, path: Any, data: Any = None, content_type: str = "application/json", *args: Any, **extra: Any
    ) -> Any:
        return super().post(path, {} if data is None else data, content_type, *args, **extra)


def assert_documented(method: str, response: Any) -> None:
    """Check that the API document names the `error.code` of what an operation has answered."""
    # It wants apps that are loaded, which they are not yet when pytest loads this plugin.
    from chassis.pages import api_document

    match = response.wsgi_request.resolver_match
    view = getattr(match and match.func, "cls", None)
    if response.status_code < 400 or method not in getattr(view, "operations", {}):
        return
    path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{match.route}").replace("{pk}", "{id}")
    operation = api_document()["paths"][path][method.lower()]
    answer = operation["responses"].get(str(response.status_code), {"content": {"application/json": {"examples": {}}}})
    code = response.json()["error"]["code"]
    documented = answer["content"]["application/json"]["examples"]
    assert code in documented, f"{method} {path} answered {response.status_code} {code}, which is not documented."


def assert_six_digits(response: Any) -> None:
    """Check that every timestamp of an answer has the one form."""
    if response.headers.get("Content-Type") == "application/json":
        for name, moment in re.findall(rb'"(\w+(?:_at|At))":"([^"]*)"', response.content):
            assert re.fullmatch(rb"[\d-]{10}T[\d:]{8}\.\d{6}Z", moment), f"{name.decode()} is {moment.decode()}."


@dataclass
class Persona:
    """Somebody with an account: their identity, token and client."""

    id: UUID
    email: str
    token: str
    client: JSONClient
    is_staff: bool = False

    def identity(self) -> dict[str, Any]:
        """Return what validate-token says of them."""
        now = datetime.now(UTC)
        return {
            "user_id": str(self.id),
            "email": self.email,
            "is_active": True,
            "is_staff": self.is_staff,
            "created_at": now.isoformat(),
            "expires_at": (now + timedelta(hours=1)).isoformat(),
        }


class AuthStub:
    """auth_svc as the wire shows it: it knows the personas' tokens and no others."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.personas: dict[str, Persona] = {}
        self.calls = 0
        mock.add_callback(responses.POST, f"{settings.AUTH_SERVICE_URL}/auth/validate-token", callback=self._answer)

    def add(self, name: str, *, is_staff: bool = False) -> Persona:
        token = f"token-of-{name}"
        persona = Persona(uuid4(), f"{name}@example.com", token, JSONClient(token), is_staff)
        self.personas[token] = persona
        return persona

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.calls += 1
        persona = self.personas.get(json.loads(request.body or b"{}").get("token"))
        if persona is None:
            return 401, {}, json.dumps(contracts.failure("token_invalid", "The token is invalid."))
        headers = {"Cache-Control": "private, max-age=5"}
        return 200, headers, json.dumps(contracts.success(persona.identity(), "OK"))


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    """Every other service, as `responses`: a call that no test announced is a connection error."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def auth_service(wire: responses.RequestsMock) -> AuthStub:
    return AuthStub(wire)


@pytest.fixture
def alice(auth_service: AuthStub) -> Persona:
    """Somebody who owns things."""
    return auth_service.add("alice")


@pytest.fixture
def bob(auth_service: AuthStub) -> Persona:
    """Somebody who owns nothing of alice's."""
    return auth_service.add("bob")


@pytest.fixture
def staff(auth_service: AuthStub) -> Persona:
    """Somebody whose token may see the whole directory."""
    return auth_service.add("staff", is_staff=True)


@pytest.fixture
def anonymous(auth_service: AuthStub) -> JSONClient:
    """Nobody in particular."""
    return JSONClient()


@pytest.fixture
def service(db: None) -> JSONClient:
    """Another service."""
    return JSONClient(headers={contracts.SERVICE_KEY_HEADER: settings.SERVICE_KEY})


def failure_of(response: Any) -> tuple[int, str]:
    """Check that an answer has the failure shape; return its status and code."""
    body = response.json()
    assert set(body) == {"success", "message", "data", "error", "request_id"}, body
    assert body["success"] is False
    assert body["data"] is None
    assert body["message"]
    assert set(body["error"]) - {"fields"} == {"code", "details"}
    assert body["request_id"] == response.headers["X-Request-ID"]
    code: str = body["error"]["code"]
    return response.status_code, code
