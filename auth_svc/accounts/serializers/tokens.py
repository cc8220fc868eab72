"""Signing in, token pairs, and who a token belongs to."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from accounts.serializers.account import ACCOUNT_ID, CREDENTIALS
from accounts.serializers.fields import PasswordField, TokenField


@extend_schema_serializer(
    examples=[
        CREDENTIALS,
    ]
)
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


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A token pair",
            {
                "access_token": "eyJhbGciOi...",
                "refresh_token": "eyJhbGciOi...",
                "token_type": "bearer",
                "expires_in": 3600,
            },
            response_only=True,
        ),
    ]
)
class TokenPairSerializer(serializers.Serializer[Any]):
    """A token pair (RFC 6749, section 5.1)."""

    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField(default="bearer")
    expires_in = serializers.IntegerField(help_text="Seconds until the access token expires.")


class TokenSerializer(serializers.Serializer[Any]):
    """An access token to validate; the Authorization header serves as well."""

    token = TokenField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "An identity",
            {
                "user_id": ACCOUNT_ID,
                "email": "user@example.com",
                "is_active": True,
                "is_staff": False,
                "created_at": "2026-01-05T09:00:00.000000Z",
                "expires_at": "2026-01-05T10:00:00.000000Z",
            },
            response_only=True,
        ),
    ]
)
class IdentitySerializer(serializers.Serializer[Any]):
    """The account that a token belongs to."""

    user_id = serializers.UUIDField()
    email = serializers.EmailField()
    is_active = serializers.BooleanField()
    is_staff = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="When the token expires.")
