"""Password resets: the token that alice is sent, and its use."""

from __future__ import annotations

import re
from typing import Any

import pytest
from accounts.jobs import send_reset_token
from chassis.testing import JSONClient
from django.core.mail import EmailMessage

from tests.conftest import Persona

NEW = "another horse battery"


def confirm(token: Any, new: Any = NEW, **more: Any) -> Any:
    return JSONClient().post("/auth/password/reset/confirm", {"token": token, "new_password": new, **more})


def token_in(mail: EmailMessage) -> str:
    found = re.search(r"^Token: (\S+)$", str(mail.body), re.MULTILINE)
    assert found is not None
    return found[1]


@pytest.fixture
def reset_token(alice: Persona, mailoutbox: list[EmailMessage]) -> str:
    """The token that alice is sent."""
    send_reset_token(account_id=str(alice.user.pk))
    return token_in(mailoutbox[0])
