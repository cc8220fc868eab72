"""What tests of auth_svc do on their way."""

from __future__ import annotations

from typing import Any

from chassis.testing import JSONClient

REFUSED = (401, "token_invalid")


def validate(token: Any, client: JSONClient | None = None) -> Any:
    return (client or JSONClient()).post("/auth/validate-token", {"token": token})


def validate_bearer(token: str) -> Any:
    return JSONClient(token).post("/auth/validate-token")
