"""What accounts and sessions look like on the wire."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chassis.rows import Rows
from chassis.serializers import RowSerializer
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from accounts.models import Session, User, validate_ascii

CREDENTIALS = OpenApiExample(
    "Somebody's", {"email": "user@example.com", "password": "correct horse battery"}, request_only=True
)

# Not less than an access token lives, which reads the list.
REFRESH_SHOWN_AFTER = max(timedelta(days=1), settings.ACCESS_TOKEN_LIFETIME)


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


def check_password_strength(password: str, user: User | None, field: str = "password") -> None:
    """Raise a validation error that names the field if the password is too weak for this account."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise serializers.ValidationError({field: error.messages}) from error


class AddressField(serializers.EmailField):
    """The e-mail address of an account that is or will be."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, validators=[validate_ascii], **kwargs)


class RegisterSerializer(serializers.Serializer[Any]):
    """A new account."""

    email = AddressField()
    password = PasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_password_strength(attrs["password"], User(email=attrs["email"]))
        return attrs


class AccountSerializer(serializers.ModelSerializer[User]):
    """An account as its owner sees it."""

    class Meta:
        model = User
        fields: tuple[str, ...] = ("id", "email", "is_active", "created_at")
        read_only_fields: tuple[str, ...] = fields


class MeSerializer(AccountSerializer):
    """An account with what it may do."""

    class Meta(AccountSerializer.Meta):
        fields = ("id", "email", "is_active", "is_staff", "created_at")
        read_only_fields = fields


class LoginSerializer(serializers.Serializer[Any]):
    """Credentials."""

    email = serializers.CharField(max_length=254)
    password = PasswordField()


class StaffSignInSerializer(LoginSerializer):
    """Credentials, and the address of the client that gave them to another service's admin."""

    address = serializers.CharField(max_length=64, required=False)


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token."""

    refresh_token = TokenField()


class TokenPairSerializer(serializers.Serializer[Any]):
    """A token pair (RFC 6749, section 5.1)."""

    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField(default="bearer")
    expires_in = serializers.IntegerField(help_text="Seconds until the access token expires.")


class TokenSerializer(serializers.Serializer[Any]):
    """An access token to validate; the Authorization header serves as well."""

    token = TokenField()


class IdentitySerializer(serializers.Serializer[Any]):
    """Who a token belongs to."""

    user_id = serializers.UUIDField()
    email = serializers.EmailField()
    is_active = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="When the token expires.")


class SessionSerializer(RowSerializer[Session]):
    """One sign-in on one device."""

    is_current = serializers.BooleanField(read_only=True, help_text="Whether this request belongs to it.")
    rotated_at = serializers.DateTimeField(
        read_only=True, help_text="The last refresh, to the hour; one of the last day is shown as a day ago."
    )
    expires_at = serializers.DateTimeField(read_only=True, help_text="At the earliest, to the hour.")

    class Meta:
        model = Session
        fields = ("id", "user_agent", "created_at", "rotated_at", "expires_at", "repeated", "is_current")
        read_only_fields = fields

    @classmethod
    def of_rows(cls, rows: Rows) -> list[dict[str, Any]]:
        """Return the output for rows, in which no refresh of the last day shows.

        A thief of a token that polls the list would otherwise see when to repeat it.
        """
        latest = timezone.now() - REFRESH_SHOWN_AFTER
        written = super().of_rows(rows)
        for row in written:
            row["rotated_at"] = max(row["created_at"], whole_hour(min(row["rotated_at"], latest)))
            row["expires_at"] = whole_hour(min(row["expires_at"], latest + settings.SESSION_LIFETIME))
        return written


def whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


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


class ProvisionSerializer(serializers.Serializer[Any]):
    """Whose account to find or make."""

    email = AddressField()
