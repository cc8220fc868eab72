"""user_svc as task_svc sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from uuid import UUID

import pytest
import requests
import responses
from django.conf import settings
from tasks.clients import user_service

from chassis import contracts


class UserStub:
    """user_svc as the wire shows it: it knows some users, and notes who asked."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        self.known: set[UUID] = set()
        self.tokens: list[str | None] = []
        self.answer: tuple[int, str] | Exception | None = None
        users = re.compile(re.escape(f"{settings.USER_SERVICE_URL}/users/users/") + "[0-9a-f-]{36}$")
        mock.add_callback(responses.GET, users, callback=self._answer)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str] | Exception:
        self.tokens.append(request.headers.get("Authorization"))
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return self.answer[0], {}, self.answer[1]
        user_id = UUID((request.url or "").rpartition("/")[2])
        if user_id not in self.known:
            return 404, {}, json.dumps(contracts.failure("not_found", "Not found."))
        return 200, {}, json.dumps({"id": str(user_id), "name": "A", "email": "a@example.com"})


@pytest.fixture
def users(wire: responses.RequestsMock) -> Iterator[UserStub]:
    """Stub user_svc, with no memory of earlier failures."""
    user_service.cache_clear()
    yield UserStub(wire)
    user_service.cache_clear()
