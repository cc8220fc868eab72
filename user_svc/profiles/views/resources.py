"""The resource API: users addressed by id; ordinary callers see themselves, staff the whole directory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from chassis.authentication import AuthenticatedRequest
from chassis.db.rows import BoundQuery, RowQuery
from chassis.generics import DetailAPIView, ListAPIView
from chassis.operations import Operation
from chassis.preconditions import PreconditionFailed, TagNotQuoted
from chassis.renderers import BareJSONRenderer
from rest_framework.generics import GenericAPIView, RetrieveUpdateDestroyAPIView
from rest_framework.response import Response

from profiles.clients import newest_tasks, provision_account
from profiles.models import ALL_OWNERS, Profile, ProfileQuerySet
from profiles.serializers import UserSerializer, UserTasksSerializer
from profiles.views.account import CHANGE, CREATE, DELETE, SHOW, CreateProfileMixin

USERS = RowQuery(Profile.objects.owned_by, columns=tuple(UserSerializer.sources().values()))


class UserAPIView(GenericAPIView[Profile]):
    """A view of users: everyone whom the caller may not see does not exist."""

    tag = "users by id"
    request: AuthenticatedRequest
    renderer_classes = (BareJSONRenderer,)
    serializer_class: Any = UserSerializer

    def get_owner(self) -> Any:
        """Return whose profile the caller may reach: their own, or that of ALL_OWNERS."""
        return ALL_OWNERS if self.request.user.is_staff else self.request.user.id

    def get_queryset(self) -> ProfileQuerySet:
        profiles: ProfileQuerySet = Profile.objects.owned_by(self.get_owner())
        return profiles


class UserListView(ListAPIView[Profile], CreateProfileMixin, UserAPIView):
    """Users."""

    operations = {
        "GET": Operation(
            "List users",
            id="listUsers",
            description="Staff see the directory, everyone else themselves. Newest first, in pages; the next one is "
            'in the Link header with rel="next".',
            response=UserSerializer(many=True),
        ),
        "POST": replace(
            CREATE,
            summary="Create a user",
            id="createUser",
            description="An ordinary token makes its owner's profile. A staff token makes one for anybody: the account "
            "of the address is found or made, without a password until its owner resets it. An account whose owner has "
            "never proved to own the address is not taken: it is set aside, and the address gets a new account.",
        ),
    }

    def get_rows(self) -> BoundQuery:
        return USERS.filter(owner=self.get_owner())

    def get_account(self, given: dict[str, Any]) -> dict[str, Any]:
        if self.request.user.is_staff:
            return {"user_id": provision_account(email=given["email"])}
        return super().get_account(given)


CHANGE_USER = replace(
    CHANGE,
    summary="Change a user",
    id="updateUser",
    description="A field that is absent stays.",
    errors=(PreconditionFailed,),
)


class UserView(DetailAPIView[Profile], UserAPIView, RetrieveUpdateDestroyAPIView[Profile]):
    """One user."""

    operations = {
        "GET": replace(SHOW, summary="Show a user", id="getUser", description="", response=None),
        "PUT": CHANGE_USER,
        "PATCH": replace(CHANGE_USER, id="patchUser"),
        "DELETE": replace(
            DELETE,
            summary="Delete a user's profile",
            id="deleteUser",
            status=204,
            description="The account and its tasks stay.",
            errors=(PreconditionFailed, TagNotQuoted),
        ),
    }


class UserTasksView(UserAPIView):
    """A user with their newest 100 tasks; `tasks` is null and `degraded` true while task_svc is unavailable."""

    operations = {"GET": Operation("Show a user and their tasks", id="getUserWithTasks", response=UserTasksSerializer)}

    def get(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        user = self.get_serializer(self.get_object()).data
        tasks = newest_tasks(token=str(request.auth), user_id=pk)
        return Response({"user": user, "tasks": tasks, "degraded": tasks is None})
