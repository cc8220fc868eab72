"""Calls to the other services: user_svc for a user."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from chassis.authentication import call_as_user
from chassis.clients import ServiceClient
from django.conf import settings
from rest_framework.exceptions import ValidationError


class UserNotFound(ValidationError):
    """There is no such user that the caller may see."""

    default_code = "user_not_found"

    def __init__(self) -> None:
        super().__init__({"userId": ["There is no such user."]})


@cache
def user_service() -> ServiceClient:
    """Return the process's client of user_svc."""
    return ServiceClient("user-svc", settings.USER_SERVICE_URL, settings.SERVICE_KEY)


def check_user_exists(user_id: UUID, token: str) -> None:
    """Ask user_svc, as the caller, for a user; raise UserNotFound, TokenInvalid or ServiceUnavailable."""
    answer = call_as_user(user_service(), token, "GET", f"/users/users/{user_id}")
    if answer.status == 404 and answer.code == "not_found":
        raise UserNotFound
    if answer.status != 200 or not isinstance(answer.body, dict) or answer.body.get("id") != str(user_id):
        raise user_service().unusable_answer()
