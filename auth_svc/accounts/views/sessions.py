"""Where the caller is signed in, and ending it."""

from __future__ import annotations

from typing import Any

from chassis.operations import Operation
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.response import Response

from accounts.authentication import SessionRequest
from accounts.models import Session, SessionQuerySet
from accounts.serializers import SessionSerializer


class SessionListView(ListAPIView[Session]):
    """The caller's live sessions, newest first."""

    serializer_class = SessionSerializer
    pagination_class = None
    request: SessionRequest
    operations = {
        "GET": Operation("List my sessions", response=SessionSerializer(many=True)),
        "DELETE": Operation("End all my sessions, this one too", message="All sessions are ended."),
    }

    def get_queryset(self) -> SessionQuerySet:
        return self.request.user.sessions.live().order_by("-created_at", "-id")

    def delete(self, request: SessionRequest) -> Response:
        self.get_queryset().revoke()
        return Response(None)


class SessionView(GenericAPIView[Session]):
    """One of the caller's sessions."""

    serializer_class = SessionSerializer
    request: SessionRequest
    operations = {"DELETE": Operation("End one of my sessions", message="The session is ended.")}

    def get_queryset(self) -> SessionQuerySet:
        return self.request.user.sessions.live()

    def delete(self, request: SessionRequest, **kwargs: Any) -> Response:
        self.get_object().revoke()
        return Response(None)
