"""What both APIs do with tasks; they differ in the outer shape and in whose tasks a caller may reach."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from chassis.authentication import AuthenticatedRequest
from chassis.exceptions import NotFound
from chassis.pagination import KeysetList, SortKey, instant, integer, page_response, text
from chassis.serializers import PageQuery
from django.db import transaction
from django.db.models import F
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from tasks.idempotency import once
from tasks.models import DUE, Task, TaskQuerySet, lexeme
from tasks.preconditions import check_if_match, is_not_modified
from tasks.quotas import check_tasks
from tasks.searches import searching
from tasks.serializers import TaskSerializer


def due(value: Any) -> Any:
    """Read a due date from a cursor; none is infinity."""
    return "infinity" if value is None else instant(value)


TASKS = KeysetList(
    narrow=Task.objects.matching,
    columns=tuple(TaskSerializer.sources().values()),
    sort_keys={
        "created_at": SortKey(F("created_at"), instant),
        "updated_at": SortKey(F("updated_at"), instant),
        "due_at": SortKey(DUE, due, frozenset({"due_after", "due_before"})),
        "priority": SortKey(F("priority"), integer),
        "title": SortKey(F("title"), text),
    },
)


class TaskAPIView(GenericAPIView[Task]):
    """A view of tasks. Subclasses say whose tasks the caller may reach; all others do not exist for them."""

    request: AuthenticatedRequest
    serializer_class: type[TaskSerializer] = TaskSerializer
    query_serializer_class: type[PageQuery]

    def get_queryset(self) -> TaskQuerySet:
        tasks: TaskQuerySet = Task.objects.owned_by(self.request.user.id)
        return tasks

    def page(self, query: Mapping[str, Any], **owner: UUID) -> Response:
        """Return one page of an owner's tasks, or of everybody's, narrowed by the query string."""
        filters = {**query, **owner}
        if "label" in query:
            filters["label"] = lexeme("label", query["label"])
        if "label" in query or "search" in query:
            filters["owner"] = lexeme("user", owner["user_id"])
        with searching(self.request.user.id) if "search" in query else nullcontext():
            page = TASKS.page(**{"ordering": "-created_at", **filters})
        rows = self.serializer_class.of_rows(page.rows)
        return page_response(self.request, page, rows, query["page_size"])

    def create_task(self, **owner: Any) -> Response:
        """Make one task from the body, once per Idempotency-Key."""

        def act() -> Response:
            serializer = self.get_serializer(data=self.request.data)
            serializer.is_valid(raise_exception=True)
            task = self.perform_create(serializer)
            location = f"{self.request.path.rstrip('/')}/{task.pk}"
            return Response(self.represent(task), 201, headers={"ETag": task.etag, "Location": location})

        return once(self.request, act)

    def perform_create(self, serializer: Any) -> Task:
        return self.save_new(serializer, self.request.user.id)

    def save_new(self, serializer: Any, user_id: UUID) -> Task:
        """Save a new task of a user; raise LimitReached."""
        check_tasks(user_id, more=1)
        task: Task = serializer.save(user_id=user_id)
        return task

    def show(self, task_id: Any) -> Response:
        task = self.find(task_id)
        headers = {"ETag": task.etag}
        if is_not_modified(self.request, task.etag):
            return Response(status=304, headers=headers)
        return Response(self.represent(task), headers=headers)

    def change(self, task_id: Any) -> Response:
        """Apply what the body gives to the task, under its row lock; what is absent stays."""
        with transaction.atomic():
            task = self.find(task_id, lock=True)
            check_if_match(self.request, task.etag)
            serializer = self.get_serializer(task, data=self.request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            task = serializer.save()
        return Response(self.represent(task), headers={"ETag": task.etag})

    def remove(self, task_id: Any) -> None:
        """Delete the task, under its row lock."""
        with transaction.atomic():
            task = self.find(task_id, lock=True)
            check_if_match(self.request, task.etag)
            task.delete()

    def find(self, task_id: Any, *, lock: bool = False) -> Task:
        tasks = self.get_queryset()
        task = (tasks.select_for_update() if lock else tasks).filter(pk=task_id).first()
        if task is None:
            raise NotFound
        return task

    def represent(self, task: Task) -> Any:
        return self.get_serializer(task).data
