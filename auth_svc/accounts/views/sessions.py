"""Where the caller is signed in, and ending it."""

from __future__ import annotations

from typing import Any

from chassis.operations import Operation
from chassis.pagination import KeysetList, SortKey, instant, page_response
from chassis.serializers import PageQuery
from django.db.models import F
from django.db.models.lookups import Exact
from django.utils import timezone
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response

from accounts.authentication import SessionRequest
from accounts.models import Session, SessionQuerySet
from accounts.serializers import SessionSerializer

SESSIONS = KeysetList(
    narrow=lambda user_id, at, current: (
        Session.objects.live(at).filter(user_id=user_id).annotate(is_current=Exact(F("pk"), current))
    ),
    columns=tuple(SessionSerializer.sources().values()),
    sort_keys={"created_at": SortKey(F("created_at"), instant)},
)


class SessionAPIView(GenericAPIView[Session]):
    """A view of the caller's live sessions: no others exist."""

    serializer_class = SessionSerializer
    request: SessionRequest

    def get_queryset(self) -> SessionQuerySet:
        return self.request.user.sessions.live()


class SessionListView(SessionAPIView):
    """The caller's live sessions, newest first."""

    query_serializer_class = PageQuery
    operations = {
        "GET": Operation(
            "List my sessions",
            description="Live sessions, newest first, in pages; `meta.next` is the next page or null.",
            response=SessionSerializer(many=True),
        ),
        "DELETE": Operation("End all my sessions, this one too", message="All sessions are ended."),
    }

    def get(self, request: SessionRequest) -> Response:
        query = PageQuery.read(request.query_params)
        live: dict[str, Any] = {"user_id": request.user.pk, "at": timezone.now(), "current": request.auth.pk}
        page = SESSIONS.page(ordering="-created_at", **query, **live)
        return page_response(request, page, SessionSerializer.of_rows(page.rows), query["page_size"])

    def delete(self, request: SessionRequest) -> Response:
        self.get_queryset().revoke()
        return Response(None)


class SessionView(SessionAPIView):
    """One of the caller's sessions."""

    operations = {"DELETE": Operation("End one of my sessions", message="The session is ended.")}

    def delete(self, request: SessionRequest, **kwargs: Any) -> Response:
        self.get_object().revoke()
        return Response(None)
