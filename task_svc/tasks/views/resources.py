"""The resource API: tasks addressed by id, those of other users too where the caller is staff."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chassis.db.rows import BoundQuery
from chassis.renderers import BareJSONRenderer
from rest_framework.exceptions import ValidationError
from rest_framework.generics import RetrieveUpdateDestroyAPIView

from tasks.clients import UserNotFound, check_user_exists
from tasks.models import ALL_OWNERS, Task
from tasks.serializers import NewTaskResourceSerializer, TaskResourceQuery, TaskResourceSerializer
from tasks.views.account import CHANGE, CREATE, DELETE, LIST, SHOW
from tasks.views.mixins import CreateTaskMixin, ListTasksMixin, TaskAPIView, TaskDetailMixin


class TaskResourceAPIView(TaskAPIView):
    """A view of the resource API: ordinary callers reach their own tasks, staff those of all owners."""

    tag = "tasks by id"
    renderer_classes = (BareJSONRenderer,)
    serializer_class = TaskResourceSerializer

    def get_owner(self) -> Any:
        return ALL_OWNERS if self.request.user.is_staff else super().get_owner()


class TaskResourceListView(ListTasksMixin, CreateTaskMixin, TaskResourceAPIView):
    """Tasks of users."""

    query_serializer_class = TaskResourceQuery
    operations = {
        "GET": replace(
            LIST,
            summary="List tasks, of one user or all that you may see",
            id="listTaskResources",
            description='In pages; the next one is in the Link header with rel="next". The tasks of all users, which '
            "staff see, are filtered by status alone and ordered by createdAt alone; for anything else give `userId`.",
            response=TaskResourceSerializer(many=True),
        ),
        "POST": replace(
            CREATE,
            summary="Create a task for a user",
            id="createTaskResource",
            description="`userId` is your own id, which needs no profile, or that of a user whom you may see: user_svc "
            "is asked for any other id, with your token.",
            request=NewTaskResourceSerializer,
            response=TaskResourceSerializer,
            errors=(*CREATE.errors, UserNotFound),
        ),
    }

    def get_serializer_class(self) -> type[TaskResourceSerializer]:
        return NewTaskResourceSerializer if self.request.method == "POST" else TaskResourceSerializer

    def get_owner(self) -> Any:
        """Return whose tasks are listed: for staff, those of the user that is given."""
        owner = super().get_owner()
        return self.query.get("user_id", owner) if owner is ALL_OWNERS else owner

    def get_filters(self) -> dict[str, Any]:
        filters = super().get_filters()
        if filters.get("user_id") == self.get_owner():
            del filters["user_id"]
        return filters

    def get_rows(self) -> BoundQuery:
        # Only these have indexes over all owners' tasks.
        unusual = self.get_filters().keys() - {"status"}
        if self.get_owner() is ALL_OWNERS and (unusual or self.query["ordering"] not in ("created_at", "-created_at")):
            message = "Give it too: the tasks of all users are filtered by status alone and ordered by createdAt alone."
            raise ValidationError({"userId": [message]}, "required")
        return super().get_rows()

    def validate(self, serializer: Any) -> None:
        super().validate(serializer)
        user_id = serializer.validated_data["user_id"]
        if user_id != self.request.user.id:
            check_user_exists(user_id, str(self.request.auth))

    def perform_create(self, serializer: Any) -> None:
        self.save(serializer, serializer.validated_data["user_id"])


class TaskResourceView(TaskDetailMixin, TaskResourceAPIView, RetrieveUpdateDestroyAPIView[Task]):
    """One task."""

    operations = {
        "GET": replace(SHOW, id="getTaskResource"),
        "PUT": replace(CHANGE, id="updateTaskResource"),
        "PATCH": replace(CHANGE, id="patchTaskResource"),
        "DELETE": replace(DELETE, id="deleteTaskResource", status=204),
    }
