"""The account API: the caller's own tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.authentication import AuthenticatedRequest
from chassis.exceptions import LimitReached, NotFound, ValidationError
from chassis.operations import Operation
from chassis.schema import header
from drf_spectacular.utils import OpenApiExample, OpenApiParameter
from rest_framework.exceptions import Throttled
from rest_framework.response import Response

from tasks.idempotency import IdempotencyKeyReused, RequestInFlight, once
from tasks.models import Task
from tasks.preconditions import PreconditionFailed
from tasks.quotas import check_tasks
from tasks.searches import SearchTooSlow
from tasks.serializers import TaskQuery, TaskReferenceSerializer, TaskSerializer
from tasks.views.mixins import TaskAPIView

IDEMPOTENCY_KEY = header(
    "Idempotency-Key", "1 to 255 characters; a repeated request with the same key is answered, not done again."
)
IF_MATCH = header("If-Match", "The ETag of the version to change; anything newer is a 412.")
IF_NONE_MATCH = header("If-None-Match", "The ETag of the version you hold; if it is current the answer is a 304.")
ID_IN_QUERY = OpenApiParameter("id", UUID, description="The task, unless the body names it.")
NEW_TASK = OpenApiExample(
    "A new task", {"title": "Buy milk", "description": "2% organic", "priority": "high"}, request_only=True
)
CREATE = Operation(
    "Create a task",
    message="Task created.",
    status=201,
    refusals=(RequestInFlight, IdempotencyKeyReused, LimitReached),
    parameters=(IDEMPOTENCY_KEY,),
)
CHANGE = Operation(
    "Change a task",
    message="Task changed.",
    refusals=(PreconditionFailed,),
    parameters=(IF_MATCH,),
    description="Change the fields that the body gives. A field that is absent stays; null clears it.",
)
DELETE = Operation("Delete a task", message="Task deleted.", refusals=(PreconditionFailed,), parameters=(IF_MATCH,))


class TaskListView(TaskAPIView):
    """The caller's tasks."""

    query_serializer_class = TaskQuery
    operations = {
        "GET": Operation(
            "List my tasks",
            description="Tasks that match every given parameter, in pages; `meta.next` is the next page or null. A "
            "page of large tasks ends early. A search that takes more than a second is refused, and a third at once.",
            refusals=(SearchTooSlow, Throttled),
            response=TaskSerializer(many=True),
        ),
        "POST": replace(CREATE, examples=(NEW_TASK,)),
        "PUT": Operation(
            "Change a task named in the body or query",
            message=CHANGE.message,
            description=f"{CHANGE.description} The task is named by `id` in the body or in the query.",
            refusals=(*CHANGE.refusals, NotFound),
            parameters=(ID_IN_QUERY, IF_MATCH),
        ),
        "DELETE": Operation(
            "Delete a task named in the body or query",
            message=DELETE.message,
            refusals=(*DELETE.refusals, NotFound),
            parameters=(ID_IN_QUERY, IF_MATCH),
        ),
    }

    def get(self, request: AuthenticatedRequest) -> Response:
        return self.page(TaskQuery.read(request.query_params), user_id=request.user.id)

    def post(self, request: AuthenticatedRequest) -> Response:
        return self.create_task()

    def put(self, request: AuthenticatedRequest) -> Response:
        return self.change(self._referenced_id())

    def delete(self, request: AuthenticatedRequest) -> Response:
        self.remove(self._referenced_id())
        return Response(None)

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


class TaskView(TaskAPIView):
    """One of the caller's tasks."""

    operations = {
        "GET": Operation("Show a task", parameters=(IF_NONE_MATCH,), extra={304: "Not Modified"}),
        "PUT": CHANGE,
        "PATCH": CHANGE,
        "DELETE": DELETE,
    }

    def get(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        return self.show(pk)

    def put(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        return self.change(pk)

    def patch(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        return self.change(pk)

    def delete(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        self.remove(pk)
        return Response(None)


class TaskBulkView(TaskAPIView):
    """Many new tasks at once."""

    operations = {
        "POST": replace(
            CREATE,
            summary="Create 1 to 100 tasks, all or none",
            message="Tasks created.",
            description="An error is keyed by the position of its task, from 0.",
            request=TaskSerializer(many=True),
            response=TaskSerializer(many=True),
        )
    }

    def post(self, request: AuthenticatedRequest) -> Response:
        return once(request, self._create_all)

    def _create_all(self) -> Response:
        serializer: Any = self.get_serializer(data=self.request.data, many=True, allow_empty=False, max_length=100)
        serializer.is_valid(raise_exception=True)
        check_tasks(self.request.user.id, more=len(serializer.validated_data))
        tasks = [Task.new(user_id=self.request.user.id, **fields) for fields in serializer.validated_data]
        Task.objects.bulk_create(tasks)
        return Response(self.get_serializer(tasks, many=True).data, 201)
