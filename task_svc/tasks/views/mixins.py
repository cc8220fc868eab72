"""The common part of both APIs; they differ in the outer shape and in whose tasks a caller may reach."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any
from uuid import UUID

from chassis.authentication import AuthenticatedRequest
from chassis.db.rows import BoundQuery, RowQuery
from chassis.generics import DetailAPIView, ListAPIView
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from tasks.idempotency import idempotent
from tasks.lexemes import lexeme
from tasks.models import Task, TaskQuerySet
from tasks.pagination import TaskPagination
from tasks.quotas import check_tasks
from tasks.searches import searching
from tasks.serializers import TaskQuery, TaskSerializer

TASKS = RowQuery(Task.objects.matching, columns=tuple(TaskSerializer.sources().values()))


class TaskAPIView(GenericAPIView[Task]):
    """A view of tasks; all but those of `get_owner` do not exist for the caller."""

    tag = "tasks"
    request: AuthenticatedRequest
    serializer_class: type[TaskSerializer] = TaskSerializer

    def get_owner(self) -> Any:
        """Return whose tasks the caller may reach: an account, or ALL_OWNERS."""
        return self.request.user.id

    def get_queryset(self) -> TaskQuerySet:
        tasks: TaskQuerySet = Task.objects.owned_by(self.get_owner())
        return tasks


class ListTasksMixin(ListAPIView[Task], TaskAPIView):
    """GET lists tasks: filtered, ordered, in pages."""

    pagination_class = TaskPagination
    query_serializer_class: type[TaskQuery] = TaskQuery

    def get_rows(self) -> BoundQuery:
        owner, filters = self.get_owner(), self.get_filters()
        if "label" in filters:
            filters["label"] = lexeme("label", filters["label"])
        if "label" in filters or "search" in filters:
            filters["owner_lexeme"] = lexeme("user", owner)
        return TASKS.filter(owner=owner, **filters)

    def paginate_queryset(self, queryset: Any) -> Any:
        with searching(self.request.user.id) if "search" in self.query else nullcontext():
            return super().paginate_queryset(queryset)


class CreateTaskMixin(TaskAPIView):
    """POST makes tasks, once per Idempotency-Key."""

    def post(self, request: AuthenticatedRequest) -> Response:
        serializer = self.get_serializer(data=request.data)
        return idempotent(request, partial(self.validate, serializer), partial(self.create, serializer))

    def validate(self, serializer: Any) -> None:
        """Refuse what is not valid; it comes before the transaction of `create`, so it may call other services."""
        serializer.is_valid(raise_exception=True)

    def create(self, serializer: Any) -> Response:
        self.perform_create(serializer)
        return Response(serializer.data, 201, headers=self.get_success_headers(serializer.data))

    def perform_create(self, serializer: Any) -> None:
        self.save(serializer, self.request.user.id)

    def save(self, serializer: Any, user_id: UUID, *, more: int = 1) -> None:
        """Save new tasks of a user; raise LimitReached."""
        check_tasks(user_id, more)
        serializer.save(user_id=user_id)

    def get_success_headers(self, task: Mapping[str, Any]) -> dict[str, str]:
        return {"ETag": f'"{task["version"]}"', "Location": f"{self.request.path.rstrip('/')}/{task['id']}"}


class TaskDetailMixin(DetailAPIView[Task], TaskAPIView):
    """One task."""

    def perform_destroy(self, instance: Task) -> None:
        # With its owner, by whom the table may be sharded.
        Task.objects.owned_by(instance.user_id).filter(pk=instance.pk).delete()
