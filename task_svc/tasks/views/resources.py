"""The resource API: tasks addressed by id, those of other users too where the caller is staff."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any
from uuid import UUID

from chassis.authentication import AuthenticatedRequest
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable, ValidationError
from chassis.operations import Operation
from chassis.renderers import BareJSONRenderer
from django.conf import settings
from rest_framework.response import Response

from tasks.models import Task, TaskQuerySet
from tasks.preconditions import PreconditionFailed
from tasks.serializers import NewTaskResourceSerializer, TaskResourceQuery, TaskResourceSerializer
from tasks.views.account import CHANGE, CREATE, IF_MATCH, IF_NONE_MATCH
from tasks.views.mixins import TaskAPIView


class UserNotFound(ValidationError):
    """There is no such user that the caller may see."""

    default_code = "user_not_found"

    def __init__(self) -> None:
        super().__init__({"userId": ["There is no such user."]})

    def get_codes(self) -> str:
        return self.default_code


@cache
def user_service() -> ServiceClient:
    """Return the process's client of user_svc."""
    return ServiceClient("user-svc", settings.USER_SERVICE_URL, settings.SERVICE_KEY)


def check_user_exists(user_id: UUID, token: str) -> None:
    """Ask user_svc, as the caller, for a user; raise UserNotFound or ServiceUnavailable."""
    answer = user_service().call("GET", f"/users/users/{user_id}", token=token)
    if answer.status == 404 and answer.code == "not_found":
        raise UserNotFound
    if answer.status != 200 or not isinstance(answer.body, dict) or answer.body.get("id") != str(user_id):
        raise ServiceUnavailable("user-svc gave no usable answer; try again shortly.")


class TaskResourceAPIView(TaskAPIView):
    """A view of the resource API: ordinary callers reach their own tasks, staff everybody's."""

    renderer_classes = (BareJSONRenderer,)
    serializer_class = TaskResourceSerializer

    def get_queryset(self) -> TaskQuerySet:
        if self.request.user.is_staff:
            tasks: TaskQuerySet = Task.objects.all()
            return tasks
        return super().get_queryset()


class TaskResourceListView(TaskResourceAPIView):
    """Tasks of users."""

    query_serializer_class = TaskResourceQuery
    operations = {
        "GET": Operation(
            "List tasks, of one user or all that you may see",
            description='Newest first, in pages; the next one is in the Link header with rel="next".',
            response=TaskResourceSerializer(many=True),
        ),
        "POST": replace(
            CREATE,
            summary="Create a task for a user",
            description="user_svc is asked for `userId` as the caller: whom the caller cannot see does not exist.",
            request=NewTaskResourceSerializer,
            refusals=(*CREATE.refusals, UserNotFound),
        ),
    }

    def get_serializer_class(self) -> type[TaskResourceSerializer]:
        return NewTaskResourceSerializer if self.request.method == "POST" else TaskResourceSerializer

    def get(self, request: AuthenticatedRequest) -> Response:
        query = dict(TaskResourceQuery.read(request.query_params))
        owners = {"user_id": query.pop("userId")} if "userId" in query else {}
        if not request.user.is_staff:
            owners["visible_to"] = request.user.id
        return self.page(query, **owners)

    def post(self, request: AuthenticatedRequest) -> Response:
        return self.create_task()

    def perform_create(self, serializer: Any) -> Task:
        user_id = serializer.validated_data["user_id"]
        check_user_exists(user_id, str(self.request.auth))
        return self.save_new(serializer, user_id)


class TaskResourceView(TaskResourceAPIView):
    """One task."""

    operations = {
        "GET": Operation("Show a task", parameters=(IF_NONE_MATCH,), extra={304: "Not Modified"}),
        "PUT": CHANGE,
        "DELETE": Operation("Delete a task", status=204, refusals=(PreconditionFailed,), parameters=(IF_MATCH,)),
    }

    def get(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        return self.show(pk)

    def put(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        return self.change(pk)

    def delete(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        self.remove(pk)
        return Response(status=204)
