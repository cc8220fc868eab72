"""Profiles in JSON: snake_case in the account API, camelCase in the resource API."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from chassis.serializers import CamelCaseSerializer, RowSerializer
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from profiles.models import Profile

PROFILE = {
    "user_id": "019aba31-7f2b-7c51-9d0e-3f5a6b7c8d9e",
    "full_name": "Ada Lovelace",
    "email": "user@example.com",
    "bio": "Mathematician",
    "timezone": "Europe/London",
    "created_at": "2026-01-05T09:00:00.000000Z",
    "updated_at": "2026-01-05T09:00:00.000000Z",
}
OWN_PROFILE = {**PROFILE, "profile_created": True}
USER = {
    "id": PROFILE["user_id"],
    "name": PROFILE["full_name"],
    "email": PROFILE["email"],
    "createdAt": PROFILE["created_at"],
}
TASK = {
    "id": "019aba33-4c5d-7e6f-8a9b-0c1d2e3f4a5b",
    "user_id": PROFILE["user_id"],
    "title": "Buy milk",
    "description": "2% organic",
    "status": "pending",
    "priority": "high",
    "due_at": "2026-01-06T17:00:00.000000Z",
    "labels": ["home"],
    "completed_at": None,
    "version": 1,
    "created_at": "2026-01-05T09:00:00.000000Z",
    "updated_at": "2026-01-05T09:00:00.000000Z",
}


@cache
def time_zones() -> set[str]:
    """Return the names of the IANA database, which is read once: that takes some 30 ms."""
    return available_timezones()


class ChangeSerializer(RowSerializer[Profile]):
    """A serializer of profiles that leaves a row alone when nothing about it changes."""

    def update(self, profile: Profile, validated_data: dict[str, Any]) -> Profile:
        profile.change(validated_data)
        return profile


@extend_schema_serializer(
    examples=[
        OpenApiExample("A profile", PROFILE, response_only=True),
        OpenApiExample(
            "A new profile",
            {"full_name": "Ada Lovelace", "bio": "Mathematician", "timezone": "Europe/London"},
            request_only=True,
        ),
    ]
)
class ProfileSerializer(ChangeSerializer):
    """A profile; what the server owns is read-only."""

    full_name = serializers.CharField(max_length=200)
    email = serializers.EmailField(
        max_length=254, required=False, allow_null=True, help_text="Contact data; null is the account's address."
    )
    bio = serializers.CharField(max_length=2_000, required=False, allow_blank=True, allow_null=True)
    timezone = serializers.CharField(
        max_length=64, required=False, allow_null=True, help_text="A name of the IANA time zone database."
    )

    class Meta:
        model = Profile
        fields: tuple[str, ...] = ("user_id", "full_name", "email", "bio", "timezone", "created_at", "updated_at")
        read_only_fields = ("user_id", "created_at", "updated_at")

    def validate_email(self, email: str | None) -> str:
        return email or str(self.context["request"].user.email)

    def validate_bio(self, bio: str | None) -> str:
        return bio or ""

    def validate_timezone(self, name: str | None) -> str:
        if name is None:
            return "UTC"
        if name not in time_zones():
            raise serializers.ValidationError("This is not a time zone of the IANA database.")
        return name


@extend_schema_serializer(
    examples=[
        OpenApiExample("A profile", OWN_PROFILE, response_only=True),
    ]
)
class MeSerializer(ProfileSerializer):
    """The caller's profile, or their identity with empty fields while there is none."""

    created_at = serializers.DateTimeField(read_only=True, allow_null=True)
    updated_at = serializers.DateTimeField(read_only=True, allow_null=True)
    profile_created = serializers.BooleanField(read_only=True)

    class Meta(ProfileSerializer.Meta):
        ref_name = "OwnProfile"
        fields = (*ProfileSerializer.Meta.fields, "profile_created")


@extend_schema_serializer(
    examples=[
        OpenApiExample("A user", USER, response_only=True),
        OpenApiExample("A new user", {"name": "Ada Lovelace", "email": "user@example.com"}, request_only=True),
    ]
)
class UserSerializer(CamelCaseSerializer[Profile], ChangeSerializer):
    """A user of the resource API: a profile by its account's id."""

    renamed = {"user_id": "id", "full_name": "name"}

    class Meta:
        model = Profile
        fields = ("user_id", "full_name", "email", "created_at")
        read_only_fields = ("user_id", "created_at")


class LinkedTaskSerializer(serializers.Serializer[Any]):
    """A task as task_svc gives it; its own documentation says more."""

    id = serializers.UUIDField()
    user_id = serializers.UUIDField()
    title = serializers.CharField()
    description = serializers.CharField()
    status = serializers.CharField()
    priority = serializers.CharField()
    due_at = serializers.DateTimeField(allow_null=True)
    labels = serializers.ListField(child=serializers.CharField())
    completed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class LinkedTaskResourceSerializer(serializers.Serializer[Any]):
    """A task as the resource API of task_svc gives it; its own documentation says more."""

    def get_fields(self) -> dict[str, Any]:
        fields = LinkedTaskSerializer().get_fields()
        return {CamelCaseSerializer.wire_name(name): field for name, field in fields.items()}


@extend_schema_serializer(
    examples=[OpenApiExample("One task", {"user": OWN_PROFILE, "tasks": [TASK], "degraded": False}, response_only=True)]
)
class MyTasksSerializer(serializers.Serializer[Any]):
    """The caller and their newest tasks."""

    user = MeSerializer()
    tasks = LinkedTaskSerializer(
        many=True, allow_null=True, help_text="The newest 100; null while task_svc is unavailable."
    )
    degraded = serializers.BooleanField(help_text="Whether task_svc is unavailable.")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "One task",
            {
                "user": USER,
                "tasks": [{CamelCaseSerializer.wire_name(name): value for name, value in TASK.items()}],
                "degraded": False,
            },
            response_only=True,
        )
    ]
)
class UserTasksSerializer(serializers.Serializer[Any]):
    """A user and their newest tasks."""

    user = UserSerializer()
    tasks = LinkedTaskResourceSerializer(
        many=True, allow_null=True, help_text="The newest 100; null while task_svc is unavailable."
    )
    degraded = serializers.BooleanField(help_text="Whether task_svc is unavailable.")
