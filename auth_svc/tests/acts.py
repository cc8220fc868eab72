"""What tests of auth_svc do on their way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.models import Session
from chassis.testing import JSONClient

REFUSED = (401, "token_invalid")


def validate(token: Any, client: JSONClient | None = None) -> Any:
    return (client or JSONClient()).post("/auth/validate-token", {"token": token})


def validate_bearer(token: str) -> Any:
    return JSONClient(token).post("/auth/validate-token")


def refresh(token: Any, client: JSONClient | None = None) -> Any:
    return (client or JSONClient()).post("/auth/refresh", {"refresh_token": token})


def tokens(response: Any) -> tuple[str, str]:
    assert response.status_code == 200, response.content
    data = response.json()["data"]
    return data["access_token"], data["refresh_token"]


def pass_by(session: Session, seconds: float) -> None:
    """Let this much time go by for a session."""
    gone = timedelta(seconds=seconds)
    session.refresh_from_db()
    session.rotated_at -= gone
    session.expires_at -= gone
    session.save()
