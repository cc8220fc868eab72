"""Views that do what services do, and what must not happen to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from chassis.authentication import AuthenticatedRequest, IsService
from chassis.exceptions import Conflict, ServiceUnavailable, ValidationError
from chassis.operations import Operation
from chassis.pagination import KeysetList, SortKey, instant, integer, page_response, text
from chassis.renderers import BareJSONRenderer
from chassis.schema import header
from chassis.serializers import PageQuery, RowSerializer
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_protect
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import Throttled
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.models import Note


class MeView(APIView):
    """Who asks."""

    operations = {"GET": Operation("Show the caller", "This is you.")}

    def get(self, request: AuthenticatedRequest) -> Response:
        return Response({"id": request.user.pk, "email": request.user.email, "expires_at": request.user.expires_at})


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


class ServiceView(APIView):
    """What only services may see."""

    authentication_classes = ()
    permission_classes = (IsService,)

    def get(self, request: Request) -> Response:
        return Response("for services")


class NoteSerializer(RowSerializer[Note]):
    """A note."""

    class Meta:
        model = Note
        fields = ("id", "title", "rank", "created_at")


class NewNoteSerializer(serializers.Serializer[Note]):
    """A note to be."""

    title = serializers.CharField()


class NoteQuery(PageQuery):
    """The parameters of the notes."""

    ordering = serializers.CharField(default="-created_at")


NOTES = KeysetList(
    narrow=Note.objects.filter,
    columns=("id", "title", "rank", "created_at"),
    sort_keys={
        "created_at": SortKey(F("created_at"), instant),
        "rank": SortKey(F("rank"), integer),
        "title": SortKey(F("title"), text),
    },
)


class NoteListView(GenericAPIView[Note]):
    """All notes."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    queryset = Note.objects.all()
    serializer_class = NoteSerializer
    query_serializer_class = NoteQuery
    operations = {
        "GET": Operation(
            "List notes",
            "Notes found.",
            "All of them, in pages.",
            refusals=(Throttled,),
            examples=(OpenApiExample("Two notes", [{"title": "a"}], response_only=True),),
            parameters=(header("X-Colour", "Which colour."),),
        ),
    }

    def get(self, request: Request) -> Response:
        query = self.query_serializer_class.read(request.query_params)
        page = NOTES.page(**query)
        return page_response(request, page, NoteSerializer.of_rows(page.rows), query["page_size"])


class BareNoteListView(NoteListView):
    """All notes, without the envelope."""

    renderer_classes = (BareJSONRenderer,)


class TitleTaken(Conflict):
    """There is such a note."""

    default_code = "title_taken"
    details = {"title": ["There is such a note."]}
    headers = {"X-Other": "/notes/1"}


class UserUnknown(ValidationError):
    """A validation error with a code of its own."""

    def get_codes(self) -> str:
        return "user_unknown"


class NoteView(GenericAPIView[Note]):
    """One note."""

    queryset = Note.objects.all()
    serializer_class = NoteSerializer
    operations = {
        "GET": Operation("Show a note", "This is it."),
        "PUT": Operation("Change a note", refusals=(TitleTaken,), request=NewNoteSerializer, response=NoteSerializer),
        "POST": Operation("Copy a note", status=201, takes_body=False, gives_data=False, extra={304: "Not modified."}),
        "DELETE": Operation("Delete a note"),
    }

    def get(self, request: Request, id: Any) -> NoReturn:
        raise Http404

    put = post = delete = get


class BareNoteView(NoteView):
    """One note, without the envelope."""

    renderer_classes = (BareJSONRenderer,)
    operations = {"DELETE": Operation("Delete a note", status=204), "GET": Operation("Show a note")}


def lost_connection() -> OperationalError:
    error = OperationalError("connection to server at 10.0.0.7 failed: password=hunter2")
    error.__cause__ = TimeoutError("10.0.0.7")
    return error


# Errors by position, as the API framework reports them for lists.
LONG_LABEL: Any = {1: ["Too long."]}
WRONG_ROW: Any = {99: {"title": ["Wrong."]}}

FAILURES: dict[str, Callable[[], Exception]] = {
    "crash": lambda: RuntimeError("password=hunter2"),
    "operational": lost_connection,
    "interface": lambda: InterfaceError("connection already closed"),
    "suspicious": lambda: SuspiciousOperation("SECRET_SETTING exceeded"),
    "bad-request": lambda: BadRequest("SECRET_SETTING"),
    "too-big": lambda: RequestDataTooBig("settings.DATA_UPLOAD_MAX_MEMORY_SIZE"),
    "denied": lambda: PermissionDenied("password=hunter2"),
    "missing": lambda: Http404("password=hunter2"),
    "unavailable": lambda: ServiceUnavailable("The other is away."),
    "throttled": lambda: Throttled(7.0),
    "taken": TitleTaken,
    "unknown-user": lambda: UserUnknown({"userId": ["There is no such user."]}),
    "invalid": lambda: ValidationError("Wrong."),
    "invalid-fields": lambda: ValidationError({"title": "Wrong.", "labels": LONG_LABEL}),
    "invalid-long": lambda: ValidationError({"title": ["x" * 201], "rank": ["y" * 200]}),
    "invalid-rows": lambda: ValidationError(WRONG_ROW),
}


class FailingView(APIView):
    """A view in which something goes wrong."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get(self, request: Request, name: str) -> NoReturn:
        raise FAILURES[name]()


def fail(request: HttpRequest, name: str) -> HttpResponse:
    """Fail outside of the API framework."""
    raise FAILURES[name]()


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
