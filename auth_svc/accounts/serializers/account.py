"""Accounts, made and shown."""

from __future__ import annotations

from typing import Any

from chassis.serializers import RowSerializer
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from accounts.models import User
from accounts.serializers.fields import AddressField, PasswordField
from accounts.serializers.passwords import check_password_strength

# The account of README.md.
CREDENTIALS = OpenApiExample(
    "The first account", {"email": "user@example.com", "password": "correct horse battery"}, request_only=True
)

ACCOUNT_ID = "019aba31-7f2b-7c51-9d0e-3f5a6b7c8d9e"
OWN_ACCOUNT = {
    "id": ACCOUNT_ID,
    "email": "user@example.com",
    "is_active": True,
    "is_staff": False,
    "created_at": "2026-01-05T09:00:00.000000Z",
}
EXPORTED_ACCOUNT = {**OWN_ACCOUNT, "email_verified_at": None}


@extend_schema_serializer(
    examples=[
        CREDENTIALS,
    ]
)
class RegisterSerializer(serializers.Serializer[Any]):
    """A new account."""

    email = AddressField()
    password = PasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_password_strength(attrs["password"], User(email=attrs["email"]))
        return attrs

    def create(self, validated_data: dict[str, Any]) -> User:
        return User.objects.create_user(**validated_data)

    def to_representation(self, instance: User) -> Any:
        return AccountSerializer(instance).data


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An account",
            {
                "id": ACCOUNT_ID,
                "email": "user@example.com",
                "is_active": True,
                "created_at": "2026-01-05T09:00:00.000000Z",
            },
            response_only=True,
        ),
    ]
)
class AccountSerializer(RowSerializer[User]):
    """An account as its owner sees it."""

    class Meta:
        model = User
        fields: tuple[str, ...] = ("id", "email", "is_active", "created_at")
        read_only_fields: tuple[str, ...] = fields


@extend_schema_serializer(
    examples=[
        OpenApiExample("An account", OWN_ACCOUNT, response_only=True),
    ]
)
class MeSerializer(AccountSerializer):
    """An account with what it may do."""

    class Meta(AccountSerializer.Meta):
        ref_name = "OwnAccount"
        fields: tuple[str, ...] = ("id", "email", "is_active", "is_staff", "created_at")
        read_only_fields: tuple[str, ...] = fields


class ExportedAccountSerializer(MeSerializer):
    """All of an account that is no secret."""

    class Meta(MeSerializer.Meta):
        fields = (*MeSerializer.Meta.fields, "email_verified_at")
        read_only_fields = fields


class ProvisionSerializer(serializers.Serializer[Any]):
    """Whose account to find or make."""

    email = AddressField()
