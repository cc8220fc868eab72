"""Staff as auth_svc describes them."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

ID = uuid4()
DAY = {"Cache-Control": "private, max-age=5"}


def staff_of(**changes: Any) -> dict[str, Any]:
    """Return what auth_svc says of a staff account."""
    return {"id": str(ID), "email": "staff@example.com", "is_superuser": False, "session_hash": "abc"} | changes
