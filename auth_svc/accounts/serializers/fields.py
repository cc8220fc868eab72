"""Fields of addresses, passwords and tokens."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from accounts.models import validate_ascii


class PasswordField(serializers.CharField):
    """A password as its owner typed it: never trimmed, never shown."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, write_only=True, max_length=256, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        # A number has many spellings, and its owner would not know which of them is the password.
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class TokenField(serializers.CharField):
    """A token as it came: a text that cannot be one is refused like any other bad token, not as a wrong field."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, **kwargs)


class AddressField(serializers.EmailField):
    """The e-mail address of an account that is or will be."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, validators=[validate_ascii], **kwargs)
