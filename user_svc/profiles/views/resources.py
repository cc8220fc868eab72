"""The resource API: users addressed by id; ordinary callers see themselves, staff the whole directory."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chassis.authentication import AuthenticatedRequest
from chassis.exceptions import NotFound
from chassis.operations import Operation
from chassis.pagination import KeysetList, SortKey, instant, page_response
from chassis.renderers import BareJSONRenderer
from chassis.serializers import PageQuery
from django.db import transaction
from django.db.models import F
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from profiles.models import Profile, ProfileQuerySet
from profiles.serializers import UserSerializer, UserTasksSerializer
from profiles.services import newest_tasks, provision_account
from profiles.views.account import ProfileExists, create_profile

USERS = KeysetList(
    narrow=Profile.objects.filter,
    columns=tuple(UserSerializer.sources().values()),
    sort_keys={"created_at": SortKey(F("created_at"), instant)},
)


class UserAPIView(GenericAPIView[Profile]):
    """A view of users: everyone whom the caller may not see does not exist."""

    request: AuthenticatedRequest
    renderer_classes = (BareJSONRenderer,)
    serializer_class: Any = UserSerializer

    def get_queryset(self) -> ProfileQuerySet:
        profiles: ProfileQuerySet = Profile.objects.all()
        return profiles if self.request.user.is_staff else profiles.owned_by(self.request.user.id)

    def find(self, user_id: UUID, *, lock: bool = False) -> Profile:
        profiles = self.get_queryset()
        profile = (profiles.select_for_update() if lock else profiles).filter(pk=user_id).first()
        if profile is None:
            raise NotFound
        return profile


class UserListView(UserAPIView):
    """Users."""

    query_serializer_class = PageQuery
    operations = {
        "GET": Operation(
            "List users",
            description="Staff see the directory, everyone else themselves. Newest first, in pages; the next one is "
            'in the Link header with rel="next".',
            response=UserSerializer(many=True),
        ),
        "POST": Operation(
            "Create a user",
            status=201,
            description="An ordinary token makes its owner's profile. A staff token makes one for anybody: the account "
            "of the address is found or made, without a password until its owner resets it. An account whose owner has "
            "never proved to own the address is not taken: it is set aside, and the address gets a new account.",
            refusals=(ProfileExists,),
        ),
    }

    def get(self, request: AuthenticatedRequest) -> Response:
        query = PageQuery.read(request.query_params)
        visible: dict[str, Any] = {} if request.user.is_staff else {"user_id": request.user.id}
        page = USERS.page(ordering="-created_at", **query, **visible)
        rows = UserSerializer.of_rows(page.rows)
        return page_response(request, page, rows, query["page_size"])

    def post(self, request: AuthenticatedRequest) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user_id = request.user.id
        if request.user.is_staff:
            user_id = provision_account(email=serializer.validated_data["email"])
        create_profile(serializer, user_id=user_id)
        return Response(serializer.data, 201, headers={"Location": f"/users/users/{user_id}"})


class UserView(UserAPIView):
    """One user."""

    operations = {
        "GET": Operation("Show a user"),
        "PUT": Operation("Change a user", description="A field that is absent stays."),
        "DELETE": Operation("Delete a user's profile", status=204, description="The account and its tasks stay."),
    }

    def get(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        return Response(self.get_serializer(self.find(pk)).data)

    def put(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        with transaction.atomic():
            serializer = self.get_serializer(self.find(pk, lock=True), data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            serializer.save()
        return Response(serializer.data)

    def delete(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        self.find(pk).delete()
        return Response(status=204)


class UserTasksView(UserAPIView):
    """A user with their newest 100 tasks; `tasks` is null and `degraded` true while task_svc is away."""

    operations = {"GET": Operation("Show a user and their tasks", response=UserTasksSerializer)}

    def get(self, request: AuthenticatedRequest, pk: UUID) -> Response:
        user = self.get_serializer(self.find(pk)).data
        tasks = newest_tasks(token=str(request.auth), user_id=pk)
        return Response({"user": user, "tasks": tasks, "degraded": tasks is None})
