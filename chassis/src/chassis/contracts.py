"""The contract of the services, the gateway and their clients: header names, the envelope and the account identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

REQUEST_ID_HEADER = "X-Request-ID"
SERVICE_KEY_HEADER = "X-Service-Key"


def success(data: Any, message: str, meta: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the envelope of a successful answer; lists carry `meta`."""
    body = {"success": True, "message": message, "data": data, "error": None}
    if meta is not None:
        body["meta"] = meta
    return body


def failure(code: str, message: str, details: Any = None, request_id: str | None = None) -> dict[str, Any]:
    """Return the one shape of every failure; `code` is stable, `message` is for people."""
    return {
        "success": False,
        "message": message,
        "data": None,
        "error": {"code": code, "details": details},
        "request_id": request_id,
    }


@dataclass(frozen=True, slots=True)
class RemoteUser:
    """The account behind a request, as auth_svc vouched for it; there is no local row."""

    id: UUID
    email: str
    is_staff: bool
    expires_at: datetime

    is_authenticated: ClassVar[bool] = True

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> RemoteUser:
        """Read validate-token's `data`; raise an error if it is anything else."""
        if data["is_active"] is not True:
            raise ValueError("not an active account")
        if not isinstance(data["is_staff"], bool) or not isinstance(data["email"], str):
            raise ValueError("not an identity")
        return cls(
            id=UUID(data["user_id"]),
            email=data["email"],
            is_staff=data["is_staff"],
            expires_at=timestamp(data["expires_at"]),
        )


def timestamp(text: str) -> datetime:
    """Read a timestamp with an offset, as UTC; raise ValueError without one."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a timestamp without a time zone")
    # PostgreSQL knows fewer offsets than Python.
    return moment.astimezone(UTC)


def client_address(request: Any) -> str:
    """Return the address that the gateway saw: the last of X-Forwarded-For, or the peer of a direct call."""
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
