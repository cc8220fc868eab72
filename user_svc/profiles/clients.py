"""Calls to the other services: tasks for the combined view, accounts for provisioning."""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

from chassis.authentication import call_as_user
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable
from django.conf import settings
from rest_framework.exceptions import ValidationError


@cache
def task_service() -> ServiceClient:
    """Return the process's client of task_svc."""
    return ServiceClient("task-svc", settings.TASK_SERVICE_URL, settings.SERVICE_KEY)


@cache
def auth_service() -> ServiceClient:
    """Return the process's client of auth_svc."""
    return ServiceClient("auth-svc", settings.AUTH_SERVICE_URL, settings.SERVICE_KEY)


def newest_tasks(*, token: str, user_id: UUID | None = None) -> list[dict[str, Any]] | None:
    """Return the newest 100 tasks: one's own as the account API, a user's as the resource API; None in an outage.

    Raise TokenInvalid if task_svc refuses the token.
    """
    path, params = "/tasks", {"page_size": "100"}
    if user_id is not None:
        path, params["userId"] = "/tasks/tasks", str(user_id)
    try:
        answer = call_as_user(task_service(), token, "GET", path, params=params)
        tasks = answer.body["data"] if user_id is None else answer.body
    except (ServiceUnavailable, KeyError, TypeError):
        return None
    return tasks if answer.status == 200 and isinstance(tasks, list) else None


def provision_account(*, email: str) -> UUID:
    """Return the id of an address's account, which auth_svc makes if there is none; asking again is harmless."""
    answer = auth_service().call("POST", "/internal/accounts", json={"email": email})
    try:
        if answer.status == 400 and answer.code == "validation_error":
            raise ValidationError(dict(answer.body["error"]["details"]))
        return UUID(answer.body["id"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise auth_service().unusable_answer() from error
