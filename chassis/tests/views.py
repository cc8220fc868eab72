"""Views that do what services do, and what must not happen to them."""

from __future__ import annotations

from typing import Any

from chassis.authentication import AuthenticatedRequest, IsService
from chassis.idempotency import idempotency_key
from chassis.operations import Operation
from chassis.reconciliation import AccountIdsView, TombstonesView
from chassis.renderers import BareJSONRenderer
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_protect
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.models import Note, Tombstone


class MeView(APIView):
    """Who asks."""

    operations = {"GET": Operation("Show the caller", "This is you.")}

    def get(self, request: AuthenticatedRequest) -> Response:
        return Response({"id": request.user.id, "email": request.user.email, "expires_at": request.user.expires_at})


class EchoView(APIView):
    """What was sent."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def post(self, request: Request) -> Response:
        return Response(request.data, 201)


class BareEchoView(EchoView):
    """What was sent, without the envelope."""

    renderer_classes = (BareJSONRenderer,)


class StatusView(EchoView):
    """An answer without a body, as told."""

    def get(self, request: Request, status: int) -> Response:
        return Response(status=status, headers={"ETag": '"1"'})


class HostView(EchoView):
    """Where the request says it was sent."""

    def get(self, request: Request) -> Response:
        return Response(request.build_absolute_uri())


class KeyView(EchoView):
    """The Idempotency-Key of the request."""

    def post(self, request: Request) -> Response:
        return Response(idempotency_key(request))


class ServiceView(APIView):
    """What only services may see."""

    authentication_classes = ()
    permission_classes = (IsService,)

    def get(self, request: Request) -> Response:
        return Response("for services")


class AccountsView(AccountIdsView):
    """The accounts that own notes."""

    owned = ((Note.objects.all(), "owner"),)


class DeletedAccountsView(TombstonesView):
    """The accounts that were deleted."""

    tombstones = Tombstone.objects.all()


@csrf_protect
def form(request: HttpRequest) -> HttpResponse:
    """Take a form from a browser."""
    return HttpResponse("taken")


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Answer without saying how long it will be."""
    return StreamingHttpResponse(iter([b"a", b"b"]))


def sized(request: HttpRequest) -> HttpResponse:
    """Answer with a length of its own."""
    return HttpResponse(b"abc", headers={"Content-Length": "3"})


def page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
    """Say how the path was read."""
    return HttpResponse(request.path_info)
