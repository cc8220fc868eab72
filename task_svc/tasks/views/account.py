"""The account API: the caller's own tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.authentication import AuthenticatedRequest
from chassis.db.rows import RowQuery
from chassis.exceptions import LimitReached
from chassis.exports import EXPORT, ExportView, Part, example_of
from chassis.idempotency import IDEMPOTENCY_KEY
from chassis.operations import Operation
from chassis.preconditions import IF_MATCH, IF_NONE_MATCH, PreconditionFailed, TagNotQuoted
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, Throttled, ValidationError
from rest_framework.generics import RetrieveUpdateDestroyAPIView
from rest_framework.response import Response

from tasks.idempotency import IdempotencyKeyReused, RequestInFlight
from tasks.models import Task
from tasks.searches import SearchTooSlow
from tasks.serializers import TASK, NamedTaskSerializer, TaskReferenceSerializer, TaskSerializer
from tasks.views.mixins import CreateTaskMixin, ListTasksMixin, TaskDetailMixin

ID_IN_QUERY = OpenApiParameter("id", UUID, description="The task, unless the body names it.")
CREATE = Operation(
    "Create a task",
    id="createTask",
    message="Task created.",
    status=201,
    errors=(RequestInFlight, IdempotencyKeyReused, LimitReached),
    parameters=(IDEMPOTENCY_KEY,),
    headers=("ETag", "Idempotency-Replayed"),
)
SHOW = Operation("Show a task", parameters=(IF_NONE_MATCH,), bodyless_statuses={304: "Not Modified"}, headers=("ETag",))
CHANGE = Operation(
    "Change a task",
    id="updateTask",
    message="Task changed.",
    errors=(PreconditionFailed,),
    parameters=(IF_MATCH,),
    headers=("ETag",),
    description="Change the fields that the body gives. A field that is absent stays; null clears it.",
)
DELETE = Operation(
    "Delete a task",
    id="deleteTask",
    message="Task deleted.",
    errors=(PreconditionFailed, TagNotQuoted),
    parameters=(IF_MATCH,),
)


LIST = Operation(
    "List my tasks",
    id="listTasks",
    description="Tasks that match every given parameter, in pages; `meta.next` is the next page or null. A "
    "page of large tasks ends early. A search that takes more than a second is refused, and a third at once.",
    errors=(SearchTooSlow, Throttled),
    response=TaskSerializer(many=True),
)

EXPORTED = RowQuery(
    lambda owner: Task.objects.owned_by(owner).order_by("created_at", "pk"),
    columns=tuple(TaskSerializer.sources().values()),
)


class TaskListView(ListTasksMixin, CreateTaskMixin, TaskDetailMixin):
    """The caller's tasks."""

    operations = {
        "GET": LIST,
        "POST": CREATE,
        "PUT": Operation(
            "Change a task named in the body or query",
            id="updateNamedTask",
            request=NamedTaskSerializer(partial=True),
            response=TaskSerializer,
            message=CHANGE.message,
            description=f"{CHANGE.description} The task is named by `id` in the body or in the query.",
            errors=(*CHANGE.errors, NotFound),
            parameters=(ID_IN_QUERY, IF_MATCH),
            headers=CHANGE.headers,
        ),
        "DELETE": Operation(
            "Delete a task named in the body or query",
            id="deleteNamedTask",
            request=TaskReferenceSerializer(partial=True),
            message=DELETE.message,
            errors=(*DELETE.errors, NotFound),
            parameters=(ID_IN_QUERY, IF_MATCH),
        ),
    }

    def put(self, request: AuthenticatedRequest) -> Response:
        return self.update(request)

    def delete(self, request: AuthenticatedRequest) -> Response:
        return self.destroy(request)

    def get_object(self) -> Any:
        self.kwargs["pk"] = self._referenced_id()
        return super().get_object()

    def _referenced_id(self) -> UUID:
        """Return the task that the body or the query names; both may, if they agree."""
        data: Any = self.request.data
        given = self.request.query_params.getlist("id")
        if isinstance(data, dict) and "id" in data:
            given.append(str(data["id"]))
        named: set[UUID] = set()
        for reference in [{"id": text} for text in given] or [{}]:
            serializer = TaskReferenceSerializer(data=reference)
            serializer.is_valid(raise_exception=True)
            named.add(serializer.validated_data["id"])
        if len(named) > 1:
            raise ValidationError({"id": ["The body and the query name different tasks."]})
        return named.pop()


class TaskView(TaskDetailMixin, RetrieveUpdateDestroyAPIView[Task]):
    """One of the caller's tasks."""

    operations = {
        "GET": replace(SHOW, id="getTask"),
        "PUT": CHANGE,
        "PATCH": replace(CHANGE, id="patchTask"),
        "DELETE": DELETE,
    }


class TaskBulkView(CreateTaskMixin):
    """Many new tasks at once."""

    operations = {
        "POST": replace(
            CREATE,
            summary="Create 1 to 100 tasks, all or none",
            id="createTasks",
            headers=("Idempotency-Replayed",),
            message="Tasks created.",
            description="An error is keyed by the position of its task, from 0.",
            request=TaskSerializer(many=True),
            response=TaskSerializer(many=True),
        )
    }

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        return super().get_serializer(*args, **kwargs, many=True, allow_empty=False, max_length=100)

    def perform_create(self, serializer: Any) -> None:
        self.save(serializer, self.request.user.id, more=len(serializer.validated_data))

    def get_success_headers(self, tasks: Any) -> dict[str, str]:
        return {"Location": "/tasks"}


class TaskExportView(ExportView):
    """The caller's tasks, oldest first."""

    tag = "tasks"
    operations = {
        "GET": replace(EXPORT, summary="Export my tasks", id="exportTasks", examples=(example_of(task=TASK),))
    }

    def get_parts(self) -> list[Part]:
        return [Part("task", TaskSerializer, EXPORTED.filter(owner=self.request.user.id))]
