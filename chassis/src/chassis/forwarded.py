"""What the gateway says about the client. Only it reaches the services, and it overwrites what a client claims."""

from typing import Any


def client_address(request: Any) -> str:
    """Return the address that the gateway saw: the last of X-Forwarded-For, or the peer of a direct call."""
    forwarded: str = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
