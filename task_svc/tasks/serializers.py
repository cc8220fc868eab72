"""Tasks in JSON: snake_case in the account API, camelCase in the resource API."""

from __future__ import annotations

from typing import Any

from chassis.parameters import PageQuery
from chassis.serializers import CamelCaseSerializer, ChoiceField, LabelField, RowSerializer
from chassis.timestamps import DateTimeField
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from tasks.models import Task
from tasks.pagination import TaskPagination

NEW_TASK = {"title": "Buy milk", "description": "2% organic", "priority": "high"}
TASK = {
    "id": "019aba33-4c5d-7e6f-8a9b-0c1d2e3f4a5b",
    "user_id": "019aba31-7f2b-7c51-9d0e-3f5a6b7c8d9e",
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


class TaskListSerializer(serializers.ListSerializer[Any]):
    """Many tasks, written by one statement."""

    def create(self, validated_data: list[dict[str, Any]]) -> list[Task]:
        tasks: list[Task] = Task.objects.bulk_create([Task.new(**fields) for fields in validated_data])
        return tasks


@extend_schema_serializer(
    examples=[
        OpenApiExample("A task", TASK, response_only=True),
        OpenApiExample("A new task", NEW_TASK, request_only=True),
    ]
)
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
        read_only_fields: tuple[str, ...] = ("id", "user_id", "completed_at", "version", "created_at", "updated_at")
        list_serializer_class = TaskListSerializer

    def validate_description(self, description: str | None) -> str:
        return description or ""

    def validate_labels(self, labels: list[str] | None) -> list[str]:
        return labels or []

    def create(self, validated_data: dict[str, Any]) -> Task:
        task = Task.new(**validated_data)
        task.save(force_insert=True)
        return task

    def update(self, task: Task, validated_data: dict[str, Any]) -> Task:
        task.change(validated_data)
        return task


@extend_schema_serializer(
    examples=[OpenApiExample("A change", {"id": TASK["id"], "status": "completed"}, request_only=True)]
)
class NamedTaskSerializer(TaskSerializer):
    """The changes of a task, and its id."""

    id = serializers.UUIDField()

    class Meta(TaskSerializer.Meta):
        read_only_fields = TaskSerializer.Meta.read_only_fields[1:]


class TaskReferenceSerializer(serializers.Serializer[Any]):
    """Which task is meant, where the URL does not say."""

    id = serializers.UUIDField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A task", {CamelCaseSerializer.wire_name(name): value for name, value in TASK.items()}, response_only=True
        ),
        OpenApiExample("A change", NEW_TASK, request_only=True),
    ]
)
class TaskResourceSerializer(CamelCaseSerializer[Task], TaskSerializer):
    """A task of the resource API."""


@extend_schema_serializer(
    examples=[OpenApiExample("A new task", {"userId": TASK["user_id"], **NEW_TASK}, request_only=True)]
)
class NewTaskResourceSerializer(TaskResourceSerializer):
    """A new task of the resource API, for the caller or a user that user_svc knows."""

    user_id = serializers.UUIDField()


class TaskQuery(PageQuery):
    """The parameters of a list of one's own tasks."""

    status = ChoiceField(Task.Status.choices, required=False)
    priority = LabelField(Task.Priority, required=False)
    label = serializers.CharField(  # type: ignore[assignment]  # The name of the parameter, not of this field.
        required=False, max_length=50, help_text="One label, written exactly."
    )
    due_after = DateTimeField(required=False, help_text="Due at this time or later.")
    due_before = DateTimeField(required=False, help_text="Due before this time.")
    search = serializers.CharField(
        required=False,
        max_length=200,
        help_text='Words that title or description contain; "a phrase", or, and -word as in a web search.',
    )
    ordering = ChoiceField(TaskPagination.orderings(), default=TaskPagination.ordering)

    def validate_search(self, search: str) -> str:
        if not any(character.isalnum() for character in search):
            raise serializers.ValidationError("There is no word in it.")
        return search


class TaskResourceQuery(TaskQuery):
    """The parameters of a list in the resource API: camelCase, but for those of every list, and whose tasks."""

    ORDERINGS = {CamelCaseSerializer.wire_name(name): name for name in TaskPagination.orderings()}

    user_id = serializers.UUIDField(
        required=False, help_text="Of all users, tasks are kept by status alone and ordered by createdAt alone."
    )
    ordering = ChoiceField(list(ORDERINGS), default=CamelCaseSerializer.wire_name(TaskPagination.ordering))

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name in fields.keys() - PageQuery().fields.keys():
            field = fields.pop(name)
            wire_name = CamelCaseSerializer.wire_name(name)
            field.source = None if wire_name == name else name
            fields[wire_name] = field
        return fields

    def validate_ordering(self, ordering: str) -> str:
        return self.ORDERINGS[ordering]
