"""Where the caller is signed in, and ending it."""

from __future__ import annotations

from typing import Any

from chassis.db.rows import BoundQuery, RowQuery
from chassis.generics import ListAPIView
from chassis.operations import Operation
from django.db.models import F
from django.db.models.lookups import Exact
from django.utils import timezone
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.authentication import SessionRequest
from accounts.models import Session, SessionQuerySet
from accounts.serializers.sessions import SessionSerializer

SESSIONS = RowQuery(
    get_queryset=lambda user_id, at, current: (
        Session.objects.live(at).filter(user_id=user_id).annotate(is_current=Exact(F("pk"), current))
    ),
    columns=tuple(SessionSerializer.sources().values()),
)


class SessionAPIView(GenericAPIView[Session]):
    """A view of the caller's live sessions: no others exist."""

    serializer_class = SessionSerializer
    request: SessionRequest

    def get_queryset(self) -> SessionQuerySet:
        return self.request.user.sessions.live()


class SessionListView(ListAPIView[Session], SessionAPIView):
    """The caller's live sessions, newest first."""

    operations = {
        "GET": Operation(
            "List my sessions",
            id="listSessions",
            description="Live sessions, newest first, in pages; `meta.next` is the next page or null.",
            response=SessionSerializer(many=True),
        ),
        "DELETE": Operation("End all my sessions, this one too", id="endSessions", message="All sessions are ended."),
    }

    def get_rows(self) -> BoundQuery:
        current = self.request.auth.pk
        return SESSIONS.filter(user_id=self.request.user.pk, at=timezone.now(), current=current)

    def delete(self, request: SessionRequest) -> Response:
        self.get_queryset().revoke()
        return Response(None)


class SessionView(SessionAPIView):
    """One of the caller's sessions."""

    operations = {"DELETE": Operation("End one of my sessions", id="endSession", message="The session is ended.")}

    def delete(self, request: SessionRequest, **kwargs: Any) -> Response:
        self.get_object().revoke()
        return Response(None)
