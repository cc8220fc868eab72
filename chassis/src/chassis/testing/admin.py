"""auth_svc's staff, and signing in to an admin."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
import responses
from django.conf import settings
from django.test import Client
from django.urls import reverse

from chassis import contracts


class StaffStub:
    """auth_svc's staff as the wire shows them to another service's admin."""

    PASSWORD = "correct horse battery"

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.identities: dict[UUID, dict[str, Any]] = {}
        self.addresses: list[str] = []
        self.calls = 0
        self.max_age = 5
        self.answer: tuple[int, dict[str, str], str] | Exception | None = None
        staff = f"{settings.AUTH_SERVICE_URL}/internal/staff"
        mock.add_callback(responses.POST, staff, callback=self._sign_in)
        mock.add_callback(responses.GET, re.compile(re.escape(staff) + "/[0-9a-f-]{36}$"), callback=self._find)

    def add(self, name: str, *, is_superuser: bool = True) -> UUID:
        account_id = uuid4()
        self.identities[account_id] = {
            "id": str(account_id),
            "email": f"{name}@example.com",
            "is_superuser": is_superuser,
            "session_hash": "hash of the first password",
        }
        return account_id

    def _sign_in(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str] | Exception:
        given = json.loads(request.body or b"{}")
        self.addresses.append(given["address"])
        known = (each for each in self.identities.values() if each["email"] == given["email"])
        identity = next(known, None) if given["password"] == self.PASSWORD else None
        wrong = contracts.failure("invalid_credentials", "The e-mail address or the password is wrong.")
        return self.answer or ((200, {}, json.dumps(identity)) if identity else (401, {}, json.dumps(wrong)))

    def _find(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str] | Exception:
        self.calls += 1
        if self.answer is not None:
            return self.answer
        identity = self.identities.get(UUID((request.url or "").rpartition("/")[2]))
        if identity is None:
            return 404, {}, json.dumps(contracts.failure("not_found", "Not found."))
        return 200, {"Cache-Control": f"private, max-age={self.max_age}"}, json.dumps(identity)


@pytest.fixture
def staff_service(wire: responses.RequestsMock) -> Iterator[StaffStub]:
    """auth_svc as an admin asks it, with nothing remembered."""
    from chassis.admin.staff import staff_directory

    staff_directory.cache_clear()
    yield StaffStub(wire)
    staff_directory.cache_clear()


def sign_in(email: str, password: str = StaffStub.PASSWORD, **headers: Any) -> tuple[Client, Any]:
    """Sign in to the admin with a client that sends CSRF tokens; return the client and the answer."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.get(reverse("admin:login"))
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    form = {"username": email, "password": password, "csrfmiddlewaretoken": token}
    return client, client.post(reverse("admin:login"), form, **headers)


@pytest.fixture
def root(staff_service: StaffStub) -> UUID:
    """A superuser, whom auth_svc knows."""
    return staff_service.add("root")


@pytest.fixture
def browser(root: Any) -> Client:
    """A browser in which root is signed in to the admin."""
    client, response = sign_in("root@example.com")
    assert response.status_code == 302, response.content
    client.handler.enforce_csrf_checks = False
    return client


def form_on(browser: Client, page: str, **changes: Any) -> dict[str, Any]:
    """Return what the change form of a page would send, with changes; unticked boxes and empty fields left out.

    The parts of a field with several widgets, such as a date and a time, are the caller's to give.
    """
    values = {field.html_name: field.value() for field in browser.get(page).context["adminform"].form}
    return {name: value for name, value in (values | changes).items() if value not in (None, False)}
