"""Passwords: given to confirm a request, changed and reset."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from rest_framework import serializers

from accounts.models import User
from accounts.serializers.fields import AddressField, PasswordField


def check_password_strength(password: str, user: User | None, field: str = "password") -> None:
    """Raise a validation error that names the field if the password is too weak for this account."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise serializers.ValidationError({field: error.messages}) from error


class PasswordSerializer(serializers.Serializer[Any]):
    """The account's password, to confirm what cannot be undone."""

    password = PasswordField()


class PasswordChangeSerializer(serializers.Serializer[Any]):
    """The old password and the new."""

    old_password = PasswordField()
    new_password = PasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_password_strength(attrs["new_password"], self.context["request"].user, "new_password")
        return attrs


class PasswordResetSerializer(serializers.Serializer[Any]):
    """Whose password to reset."""

    email = AddressField()


class PasswordResetConfirmSerializer(serializers.Serializer[Any]):
    """The token from the e-mail and the new password."""

    token = serializers.CharField(max_length=200)
    new_password = PasswordField()
    start_afresh = serializers.BooleanField(
        default=False,
        help_text="Whether to leave an account that somebody else made, and to begin with an empty one.",
    )
