"""What tasks look like on the wire: snake_case in the account API, camelCase in the resource API."""

from __future__ import annotations

from typing import Any

from chassis.rows import insert
from chassis.serializers import LabelField, PageQuery, RowSerializer
from rest_framework import serializers

from tasks.models import Task

ORDERINGS = ["created_at", "updated_at", "due_at", "priority", "title"]


class LabelsField(serializers.ListField):
    """Up to 20 distinct labels of up to 50 characters; null clears them."""

    child = serializers.CharField(max_length=50)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, required=False, allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        # Before each label is looked at: a body has room for some 300,000, and each wrong one would have its message.
        if isinstance(data, list):
            self.run_validators(data)
        return list(dict.fromkeys(super().to_internal_value(data)))


class TaskSerializer(RowSerializer[Task]):
    """A task; what the server owns is read-only."""

    description = serializers.CharField(max_length=10_000, required=False, allow_blank=True, allow_null=True)
    priority = LabelField(Task.Priority, required=False)
    labels = LabelsField()

    class Meta:
        model = Task
        fields = (
            "id",
            "user_id",
            "title",
            "description",
            "status",
            "priority",
            "due_at",
            "labels",
            "completed_at",
            "version",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("id", "user_id", "completed_at", "version", "created_at", "updated_at")

    def validate_description(self, description: str | None) -> str:
        return description or ""

    def validate_labels(self, labels: list[str] | None) -> list[str]:
        return labels or []

    def create(self, validated_data: dict[str, Any]) -> Task:
        task = Task.new(**validated_data)
        insert(task)
        return task

    def update(self, task: Task, validated_data: dict[str, Any]) -> Task:
        task.change(validated_data)
        return task


class TaskReferenceSerializer(serializers.Serializer[Any]):
    """Which task is meant, where the URL does not say."""

    id = serializers.UUIDField()


class TaskResourceSerializer(TaskSerializer):
    """A task of the resource API."""

    userId = serializers.UUIDField(source="user_id", read_only=True)
    dueAt = serializers.DateTimeField(source="due_at", required=False, allow_null=True)
    completedAt = serializers.DateTimeField(source="completed_at", read_only=True, allow_null=True)
    createdAt = serializers.DateTimeField(source="created_at", read_only=True)
    updatedAt = serializers.DateTimeField(source="updated_at", read_only=True)

    class Meta:
        model = Task
        fields = (
            "id",
            "userId",
            "title",
            "description",
            "status",
            "priority",
            "dueAt",
            "labels",
            "completedAt",
            "version",
            "createdAt",
            "updatedAt",
        )
        read_only_fields = ("id", "version")


class NewTaskResourceSerializer(TaskResourceSerializer):
    """A new task of the resource API, for a user that user_svc knows."""

    userId = serializers.UUIDField(source="user_id")


class TaskQuery(PageQuery):
    """The parameters of a list of one's own tasks."""

    status = serializers.ChoiceField(Task.Status.choices, required=False)
    priority = LabelField(Task.Priority, required=False)
    label = serializers.CharField(  # type: ignore[assignment]  # The name of the parameter, not of this field.
        required=False, max_length=50, help_text="One label, written exactly."
    )
    due_after = serializers.DateTimeField(required=False, help_text="Due at this instant or later.")
    due_before = serializers.DateTimeField(required=False, help_text="Due before this instant.")
    search = serializers.CharField(
        required=False,
        max_length=200,
        help_text='Words that title or description contain; "a phrase", or, and -word as in a web search.',
    )
    ordering = serializers.ChoiceField([sign + name for name in ORDERINGS for sign in ("", "-")], default="-created_at")

    def validate_search(self, search: str) -> str:
        if not any(character.isalnum() for character in search):
            raise serializers.ValidationError("There is no word in it.")
        return search


class TaskResourceQuery(PageQuery):
    """The parameters of a list in the resource API."""

    userId = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(Task.Status.choices, required=False)
