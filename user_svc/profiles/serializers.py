"""What profiles look like on the wire: snake_case in the account API, camelCase in the resource API."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from chassis.serializers import RowSerializer
from rest_framework import serializers

from profiles.models import Profile


@cache
def time_zones() -> set[str]:
    """Return the names of the IANA database, which is read once: that takes some 30 ms."""
    return available_timezones()


class ChangeSerializer(RowSerializer[Profile]):
    """A serializer of profiles that leaves a row alone when nothing about it changes."""

    def update(self, profile: Profile, validated_data: dict[str, Any]) -> Profile:
        profile.change(validated_data)
        return profile


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


class MeSerializer(ProfileSerializer):
    """The caller's profile, or their identity with empty fields while there is none."""

    created_at = serializers.DateTimeField(read_only=True, allow_null=True)
    updated_at = serializers.DateTimeField(read_only=True, allow_null=True)
    profile_created = serializers.BooleanField(read_only=True)

    class Meta(ProfileSerializer.Meta):
        fields = (*ProfileSerializer.Meta.fields, "profile_created")


class UserSerializer(ChangeSerializer):
    """A user of the resource API: a profile by its account's id."""

    id = serializers.UUIDField(source="user_id", read_only=True)
    name = serializers.CharField(source="full_name", max_length=200)
    email = serializers.EmailField(max_length=254)
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)

    class Meta:
        model = Profile
        fields = ("id", "name", "email", "createdAt")


class TaskListField(serializers.ListField):
    """Tasks as task_svc gives them."""

    child = serializers.DictField()


class MyTasksSerializer(serializers.Serializer[Any]):
    """The caller and their newest tasks."""

    user = MeSerializer()
    tasks = TaskListField(allow_null=True, help_text="The newest 100; null while task_svc is away.")
    degraded = serializers.BooleanField(help_text="Whether task_svc is away.")


class UserTasksSerializer(serializers.Serializer[Any]):
    """A user and their newest tasks."""

    user = UserSerializer()
    tasks = TaskListField(allow_null=True, help_text="The newest 100; null while task_svc is away.")
    degraded = serializers.BooleanField(help_text="Whether task_svc is away.")
