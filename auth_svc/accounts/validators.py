"""Rules for passwords beside Django's own."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError


class NotBlankValidator:
    """Refuse a password of spaces alone."""

    def validate(self, password: str, user: Any = None) -> None:
        if not password.strip():
            raise ValidationError("This password consists of spaces alone.", code="password_blank")

    def get_help_text(self) -> str:
        return "Your password cannot consist of spaces alone."
