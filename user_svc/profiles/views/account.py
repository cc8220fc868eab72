"""The account API: the caller's own profile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chassis.authentication import AuthenticatedRequest
from chassis.db.constraints import violated_constraint
from chassis.db.rows import RowQuery
from chassis.exceptions import Conflict
from chassis.exports import EXPORT, ExportView, Part, example_of
from chassis.generics import DetailAPIView
from chassis.idempotency import IDEMPOTENCY_KEY, idempotency_key
from chassis.operations import Operation
from chassis.preconditions import IF_MATCH, IF_NONE_MATCH, PreconditionFailed, TagNotQuoted
from django.db import IntegrityError, transaction
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView, RetrieveUpdateAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.response import Response

from profiles.clients import newest_tasks
from profiles.models import Profile, ProfileQuerySet
from profiles.serializers import PROFILE, MeSerializer, MyTasksSerializer, ProfileSerializer

PROFILES = RowQuery(Profile.objects.owned_by, columns=tuple(ProfileSerializer.sources().values()))


class ProfileExists(Conflict):
    """The account has a profile already."""

    default_detail = "There is a profile already."
    default_code = "profile_exists"


class ProfileNotFound(NotFound):
    """The caller has no profile yet."""

    default_detail = "There is no profile yet; make one with POST /users/createprofile."
    default_code = "profile_not_found"


CREATE = Operation(
    "Create my profile",
    id="createProfile",
    message="Profile created.",
    status=201,
    description="`email` is contact data; without one it is the account's.",
    errors=(ProfileExists,),
    parameters=(IDEMPOTENCY_KEY,),
    headers=("ETag", "Idempotency-Replayed"),
)
SHOW = Operation(
    "Show my profile",
    id="getProfile",
    description="Before there is one: the account's identity with empty fields and `profile_created` false.",
    response=MeSerializer,
    parameters=(IF_NONE_MATCH,),
    bodyless_statuses={304: "Not Modified"},
    headers=("ETag",),
)
CHANGE = Operation(
    "Change my profile",
    id="updateProfile",
    message="Profile changed.",
    description="A field that is absent stays; null clears it.",
    errors=(ProfileNotFound, PreconditionFailed),
    parameters=(IF_MATCH,),
    headers=("ETag",),
)
DELETE = Operation(
    "Delete my profile",
    id="deleteProfile",
    message="Profile deleted.",
    errors=(ProfileNotFound, PreconditionFailed, TagNotQuoted),
    parameters=(IF_MATCH,),
)


class CreateProfileMixin(GenericAPIView[Profile]):
    """POST makes a profile, of which an account has one."""

    request: AuthenticatedRequest

    def post(self, request: AuthenticatedRequest) -> Response:
        key = idempotency_key(request)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        account = self.get_account(serializer.validated_data)
        try:
            profile = self.perform_create(serializer, account)
            headers = {}
        except ProfileExists:
            # A client that repeats it after a lost answer asks for the very profile that there is.
            profile = key and Profile.objects.filter(**serializer.validated_data | account).first()
            if not profile:
                raise
            headers = {"Idempotency-Replayed": "true"}
        headers |= {"ETag": profile.etag, "Location": self.get_location(profile)}
        return Response(self.get_serializer(profile).data, 201, headers=headers)

    def get_account(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return the account's id, and what else of the profile is the account's."""
        return {"user_id": self.request.user.id}

    def get_location(self, profile: Profile) -> str:
        return f"{self.request.path.rstrip('/')}/{profile.user_id}"

    def perform_create(self, serializer: Any, account: dict[str, Any]) -> Any:
        """Return a new profile; raise ProfileExists, also if another request was first."""
        try:
            with transaction.atomic():
                return serializer.save(**account)
        except IntegrityError as error:
            if violated_constraint(error) != "profiles_profile_pkey":
                raise
            raise ProfileExists from error


class OwnProfileView(GenericAPIView[Profile]):
    """A view of the caller's own profile."""

    tag = "profile"
    request: AuthenticatedRequest
    serializer_class: Any = ProfileSerializer

    def get_queryset(self) -> ProfileQuerySet:
        profiles: ProfileQuerySet = Profile.objects.owned_by(self.request.user.id)
        return profiles

    def get_object(self) -> Profile:
        profile: Profile | None = self.filter_queryset(self.get_queryset()).first()
        if profile is None:
            raise ProfileNotFound
        return profile

    def me(self) -> Profile:
        """Return the caller's profile, or their identity with empty fields."""
        user = self.request.user
        rows = PROFILES.filter(owner=user.id).read()
        values: dict[str, Any] = {"user_id": user.id, "email": user.email, "created_at": None}
        if rows.values:
            values = dict(zip(rows.columns, rows.values[0], strict=True))
        return Profile(**values)


class MeView(DetailAPIView[Profile], OwnProfileView, RetrieveUpdateAPIView[Profile]):
    """The caller's own profile."""

    operations = {"GET": SHOW, "PUT": CHANGE, "PATCH": replace(CHANGE, id="patchProfile")}

    def get_object(self) -> Profile:
        return self.me() if self.request.method in SAFE_METHODS else super().get_object()

    def get_serializer_class(self) -> Any:
        return MeSerializer if self.request.method in SAFE_METHODS else ProfileSerializer


class CreateProfileView(CreateProfileMixin, OwnProfileView):
    """Making the caller's profile."""

    operations = {"POST": CREATE}

    def get_account(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"email": self.request.user.email, **given, **super().get_account(given)}

    def get_location(self, profile: Profile) -> str:
        return "/users/me"


class DeleteProfileView(DetailAPIView[Profile], OwnProfileView):
    """Deleting the caller's profile; the account and its tasks stay."""

    operations = {"DELETE": DELETE}

    def delete(self, request: AuthenticatedRequest) -> Response:
        return self.destroy(request)


class MyTasksView(OwnProfileView):
    """The caller's profile with the newest 100 tasks; `tasks` is null and `degraded` true in an outage of task_svc."""

    operations = {"GET": Operation("Show me and my tasks", id="getProfileWithTasks", response=MyTasksSerializer)}

    def get(self, request: AuthenticatedRequest) -> Response:
        tasks = newest_tasks(token=str(request.auth))
        me = MeSerializer(self.me()).data
        return Response({"user": me, "tasks": tasks, "degraded": tasks is None})


class ProfileExportView(ExportView):
    """The caller's profile; nothing before there is one."""

    tag = "profile"
    operations = {
        "GET": replace(EXPORT, summary="Export my profile", id="exportProfile", examples=(example_of(profile=PROFILE),))
    }

    def get_parts(self) -> list[Part]:
        return [Part("profile", ProfileSerializer, PROFILES.filter(owner=self.request.user.id))]
