"""The account itself: made, shown and deleted."""

from __future__ import annotations

from typing import Any

from chassis.db.constraints import violated_constraint
from chassis.exceptions import Conflict
from chassis.operations import Operation
from django.db import IntegrityError, transaction
from rest_framework.exceptions import Throttled
from rest_framework.generics import CreateAPIView, GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.response import Response

from accounts import services
from accounts.authentication import SessionRequest
from accounts.models import UNIQUE_EMAIL, User
from accounts.proofs import WrongPassword, confirm_password, remember_client
from accounts.serializers.account import AccountSerializer, MeSerializer, RegisterSerializer
from accounts.serializers.passwords import PasswordSerializer
from accounts.throttling import RegisterThrottle


class EmailTaken(Conflict):
    """There is an account with this address, in whatever case it is written."""

    default_detail = "There is an account with this e-mail address already."
    default_code = "email_taken"


class RegisterView(CreateAPIView[User]):
    """Make an account."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (RegisterThrottle,)
    serializer_class = RegisterSerializer
    operations = {
        "POST": Operation(
            "Register",
            id="register",
            message="Registered.",
            status=201,
            errors=(EmailTaken, Throttled),
            response=AccountSerializer,
        )
    }

    def perform_create(self, serializer: Any) -> None:
        if User.objects.filter(email__lower=serializer.validated_data["email"].lower()).exists():
            raise EmailTaken
        try:
            with transaction.atomic():
                remember_client(self.request, serializer.save())
        except IntegrityError as error:
            if violated_constraint(error) != UNIQUE_EMAIL:
                raise
            raise EmailTaken from error

    def get_success_headers(self, data: Any) -> dict[str, str]:
        return {"Location": "/auth/me"}


class MeView(GenericAPIView[User]):
    """The caller's own account."""

    serializer_class = MeSerializer
    operations = {
        "GET": Operation("Show my account", id="getAccount"),
        "DELETE": Operation(
            "Delete my account",
            id="deleteAccount",
            message="Deleted. Profile and tasks follow within moments.",
            status=202,
            errors=(WrongPassword, Throttled),
            request=PasswordSerializer,
            description="Delete the account for good, and with it the profile and every task that it owns.",
        ),
    }

    def get(self, request: SessionRequest) -> Response:
        return Response(self.get_serializer(request.user).data)

    def delete(self, request: SessionRequest) -> Response:
        serializer = PasswordSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        confirm_password(request, serializer.validated_data["password"])
        with transaction.atomic():
            if not request.user.lock_if_unchanged():
                raise WrongPassword
            services.erase(account=request.user)
        return Response(None, status=202)
