"""Signing in to the admin, under the limits of every other sign-in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend

from accounts.authentication import InvalidCredentials, sign_in
from accounts.models import User


class LimitedBackend(ModelBackend):
    """Check an e-mail address and a password; too many wrong ones raise Throttled."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not username or not password:
            return None
        try:
            return sign_in(request, username, password)
        except InvalidCredentials:
            return None
