"""auth_svc's accounts and task_svc as user_svc sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
import responses
from chassis.contracts import SERVICE_KEY_HEADER
from django.conf import settings
from profiles import clients

Answer = tuple[int, str] | Exception


class AccountStub:
    """auth_svc's accounts as the wire shows them: found or made for an address, the same one each time."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.accounts: dict[str, UUID] = {}
        self.answer: Answer | None = None
        self.calls = 0
        mock.add_callback(responses.POST, f"{settings.AUTH_SERVICE_URL}/internal/accounts", callback=self._answer)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.calls += 1
        assert request.headers[SERVICE_KEY_HEADER] == settings.SERVICE_KEY
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return self.answer[0], {}, self.answer[1]
        email = json.loads(request.body or b"")["email"]
        account_id = self.accounts.setdefault(email.lower(), uuid4())
        return 200, {}, json.dumps({"id": str(account_id), "email": email})


class TaskStub:
    """task_svc as the wire shows it: the given tasks in either API's shape, or the given answer."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.tasks: list[dict[str, Any]] = []
        self.answer: Answer | None = None
        self.requests: list[requests.PreparedRequest] = []
        for path in ("/tasks", "/tasks/tasks"):
            mock.add_callback(responses.GET, settings.TASK_SERVICE_URL + path, callback=self._answer)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return self.answer[0], {}, self.answer[1]
        bare = (request.url or "").partition("?")[0].endswith("/tasks/tasks")
        body = self.tasks if bare else {"success": True, "message": "OK", "data": self.tasks, "error": None}
        return 200, {}, json.dumps(body)


@pytest.fixture(autouse=True)
def _forget_failures() -> Iterator[None]:
    """Start each test without a memory of services that were unavailable."""
    clients.task_service.cache_clear()
    clients.auth_service.cache_clear()
    yield
    clients.task_service.cache_clear()
    clients.auth_service.cache_clear()


@pytest.fixture
def accounts(wire: responses.RequestsMock) -> AccountStub:
    return AccountStub(wire)


@pytest.fixture
def tasks(wire: responses.RequestsMock) -> TaskStub:
    return TaskStub(wire)
