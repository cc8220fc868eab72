"""Endpoints for the other services alone."""

from __future__ import annotations

from typing import Any

from chassis.generics import InternalAPIView
from django.conf import settings
from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import InvalidCredentials, sign_in
from accounts.models import User
from accounts.serializers.account import MeSerializer, ProvisionSerializer
from accounts.serializers.tokens import StaffSignInSerializer
from accounts.throttling import forget_mails


class ProvisionView(InternalAPIView[User]):
    """Find or make the account of an address; asking twice gives the same account."""

    serializer_class = ProvisionSerializer

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = User.objects.provision(serializer.validated_data["email"])
        # Its owner signs in after a reset, whatever mails an account before it has got.
        forget_mails(user.email)
        return Response(MeSerializer(user).data)


class StaffView(InternalAPIView[User]):
    """Show an account to a service whose admin it has signed in to, as long as it is active staff."""

    def get(self, request: Request, account_id: Any) -> Response:
        user = get_object_or_404(User, pk=account_id, is_active=True, is_staff=True)
        cache_control = f"private, max-age={settings.TOKEN_CACHE_SECONDS}"
        return Response(staff_identity(user), headers={"Cache-Control": cache_control})


class StaffSignInView(InternalAPIView[User]):
    """Check the credentials of somebody who signs in to another service's admin."""

    serializer_class = StaffSignInSerializer

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = sign_in(request, **serializer.validated_data)
        if not user.is_staff:
            raise InvalidCredentials
        return Response(staff_identity(user))


def staff_identity(user: User) -> dict[str, Any]:
    """Return the account with a fingerprint that changes when its password does."""
    return {
        "id": user.pk,
        "email": user.email,
        "is_superuser": user.is_superuser,
        "session_hash": user.get_session_auth_hash(),
    }
