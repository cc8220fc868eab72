"""The Idempotency-Key of a request: its client may send it twice, and means it once."""

from __future__ import annotations

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from chassis.schema import header

IDEMPOTENCY_KEY = header(
    "Idempotency-Key", "1 to 255 characters; a repeated request with the same key is answered, not done again."
)


def idempotency_key(request: Request) -> str | None:
    """Return the key of a request, if it has one; raise ValidationError."""
    key: str | None = request.headers.get("Idempotency-Key")
    if key is not None and not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise ValidationError({"Idempotency-Key": ["A key is 1 to 255 printable ASCII characters."]})
    return key
