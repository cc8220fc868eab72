"""The account API: the caller's own profile."""

from __future__ import annotations

from typing import Any

from chassis.authentication import AuthenticatedRequest
from chassis.exceptions import Conflict, NotFound
from chassis.operations import Operation
from chassis.rows import RowQuery
from django.db import IntegrityError, transaction
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from profiles.models import Profile, ProfileQuerySet
from profiles.serializers import MeSerializer, MyTasksSerializer, ProfileSerializer
from profiles.services import newest_tasks

PROFILES = RowQuery(Profile.objects.owned_by, columns=tuple(ProfileSerializer.sources().values()))


class ProfileExists(Conflict):
    """The account has a profile already."""

    default_detail = "There is a profile already."
    default_code = "profile_exists"


class ProfileNotFound(NotFound):
    """The caller has no profile yet."""

    default_detail = "There is no profile yet; make one with POST /users/createprofile."
    default_code = "profile_not_found"


def create_profile(serializer: Any, **fields: Any) -> Profile:
    """Save a new profile; raise ProfileExists, also if another request was first."""
    try:
        with transaction.atomic():
            profile: Profile = serializer.save(**fields)
    except IntegrityError as error:
        raise ProfileExists from error
    return profile


class OwnProfileView(GenericAPIView[Profile]):
    """A view of the caller's own profile."""

    request: AuthenticatedRequest
    serializer_class: Any = ProfileSerializer

    def get_queryset(self) -> ProfileQuerySet:
        profiles: ProfileQuerySet = Profile.objects.owned_by(self.request.user.id)
        return profiles

    def me(self) -> dict[str, Any]:
        """Return the caller's profile, or their identity with empty fields."""
        user = self.request.user
        found = ProfileSerializer.of_rows(PROFILES.read(user_id=user.id))
        if found:
            return {**found[0], "profile_created": True}
        empty = ProfileSerializer(Profile(user_id=user.id, email=user.email)).data
        return {**empty, "created_at": None, "profile_created": False}


class MeView(OwnProfileView):
    """The caller's own profile."""

    operations = {
        "GET": Operation(
            "Show my profile",
            description="Before there is one: the account's identity with empty fields and `profile_created` false.",
            response=MeSerializer,
        ),
        "PUT": Operation(
            "Change my profile",
            message="Profile changed.",
            description="A field that is absent stays; null clears it.",
            refusals=(ProfileNotFound,),
        ),
    }
    operations["PATCH"] = operations["PUT"]

    def get(self, request: AuthenticatedRequest) -> Response:
        return Response(self.me())

    def put(self, request: AuthenticatedRequest) -> Response:
        with transaction.atomic():
            profile = self.get_queryset().select_for_update().first()
            if profile is None:
                raise ProfileNotFound
            serializer = self.get_serializer(profile, data=request.data, partial=True)
            serializer.is_valid(raise_exception=True)
            serializer.save()
        return Response(serializer.data)

    def patch(self, request: AuthenticatedRequest) -> Response:
        return self.put(request)


class CreateProfileView(OwnProfileView):
    """Making the caller's profile."""

    operations = {
        "POST": Operation(
            "Create my profile",
            message="Profile created.",
            status=201,
            description="`email` is contact data; without one it is the account's.",
            refusals=(ProfileExists,),
        )
    }

    def post(self, request: AuthenticatedRequest) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        email = serializer.validated_data.get("email", request.user.email)
        create_profile(serializer, user_id=request.user.id, email=email)
        return Response(serializer.data, status=201)


class DeleteProfileView(OwnProfileView):
    """Deleting the caller's profile; the account and its tasks stay."""

    operations = {"DELETE": Operation("Delete my profile", message="Profile deleted.", refusals=(ProfileNotFound,))}

    def delete(self, request: AuthenticatedRequest) -> Response:
        deleted, _ = self.get_queryset().delete()
        if not deleted:
            raise ProfileNotFound
        return Response(None)


class MyTasksView(OwnProfileView):
    """The caller's profile with their newest 100 tasks; `tasks` is null and `degraded` true while task_svc is away."""

    operations = {"GET": Operation("Show me and my tasks", response=MyTasksSerializer)}

    def get(self, request: AuthenticatedRequest) -> Response:
        tasks = newest_tasks(token=str(request.auth))
        return Response({"user": self.me(), "tasks": tasks, "degraded": tasks is None})
