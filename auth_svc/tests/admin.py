"""The pages of the admin, and a browser to visit them: a plugin."""

from __future__ import annotations

from typing import Any

import pytest
from accounts.models import User
from django.test import Client

from tests.conftest import PASSWORD

ADMIN = "/auth/admin/"
USERS = f"{ADMIN}accounts/user/"
SESSIONS = f"{ADMIN}accounts/session/"
JOBS = f"{ADMIN}procrastinate/procrastinatejob/"


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root@example.com", PASSWORD)


@pytest.fixture
def admin(browser: Client) -> Client:
    """A browser in which a superuser is signed in."""
    return browser


def act(admin: Client, path: str, action: str, *rows: Any) -> str:
    """Run an action on some rows; return the page that follows."""
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    page: str = admin.post(path, form, follow=True).content.decode()
    return page
