"""Views that do what services do, and what must not happen to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from chassis.authentication import AuthenticatedRequest, IsService
from chassis.db.rows import BoundQuery, RowQuery
from chassis.exceptions import Conflict, ServiceUnavailable, ValidationError
from chassis.exports import EXPORT, ExportView, Part, example_of
from chassis.generics import DetailAPIView, ListAPIView
from chassis.idempotency import idempotency_key
from chassis.operations import Operation
from chassis.pagination import KeysetPagination, SortKey
from chassis.preconditions import PreconditionFailed, TagNotQuoted
from chassis.reconciliation import AccountIdsView, TombstonesView
from chassis.renderers import BareJSONRenderer
from chassis.schema import header
from chassis.serializers import PageQuery, RowSerializer
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, InterfaceError, OperationalError, connection
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

from tests.models import Note, Tombstone


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


class NoteSerializer(RowSerializer[Note]):
    """A note."""

    class Meta:
        model = Note
        fields = ("id", "title", "rank", "created_at")


class ClearableNoteSerializer(NoteSerializer):
    """A note whose rank null clears."""

    rank = serializers.IntegerField(required=False, allow_null=True)


class NewNoteSerializer(serializers.Serializer[Note]):
    """A note to be."""

    title = serializers.CharField()


class NoteQuery(PageQuery):
    """The parameters of the notes."""

    ordering = serializers.CharField(default="-created_at")


NOTES = RowQuery(Note.objects.filter, columns=("id", "title", "rank", "created_at"))
EXPORTED = RowQuery(lambda owner: Note.objects.filter(owner=owner).order_by("created_at"), columns=NOTES.columns)


class NotePagination(KeysetPagination):
    """Pages of notes."""

    sort_keys = {
        "created_at": SortKey(F("created_at")),
        "rank": SortKey(F("rank"), serializers.IntegerField(min_value=-32768, max_value=32767).run_validation),
        "title": SortKey(F("title"), serializers.CharField(allow_blank=True, trim_whitespace=False).run_validation),
    }


class NoteListView(ListAPIView[Note]):
    """All notes."""

    tag = "notes"
    authentication_classes = ()
    permission_classes = (AllowAny,)
    queryset = Note.objects.all()
    serializer_class = NoteSerializer
    pagination_class = NotePagination
    query_serializer_class = NoteQuery
    operations = {
        "GET": Operation(
            "List notes",
            "Notes found.",
            "All of them, in pages.",
            id="listNotes",
            errors=(Throttled,),
            response=NoteSerializer(many=True),
            examples=(OpenApiExample("Two notes", {"title": "a"}, response_only=True),),
            parameters=(header("X-Colour", "Which colour."),),
        ),
    }

    def get_rows(self) -> BoundQuery:
        return NOTES.filter(**self.get_filters())


class BareNoteListView(NoteListView):
    """All notes, without the envelope."""

    operations = {"GET": Operation("List notes", response=NoteSerializer(many=True))}
    renderer_classes = (BareJSONRenderer,)


class UndecidedNoteListView(ListAPIView[Note]):
    """Notes, of which nobody says who may see them."""

    schema = None
    authentication_classes = ()
    permission_classes = (AllowAny,)
    queryset = Note.objects.all()
    serializer_class = NoteSerializer
    pagination_class = NotePagination
    query_serializer_class = NoteQuery


class WrittenNoteView(DetailAPIView[Note]):
    """One note, whose tag is its rank."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    queryset = Note.objects.all()
    serializer_class = NoteSerializer
    operations = {
        "GET": Operation("Show a note"),
        "PUT": Operation("Change a note", errors=(PreconditionFailed,)),
        "PATCH": Operation("Change a note", errors=(PreconditionFailed,)),
        "DELETE": Operation("Delete a note", "Deleted.", status=202, errors=(PreconditionFailed, TagNotQuoted)),
    }

    def get(self, request: Request, pk: Any) -> Response:
        return self.retrieve(request)

    def put(self, request: Request, pk: Any) -> Response:
        return self.update(request)

    patch = put

    def delete(self, request: Request, pk: Any) -> Response:
        return self.destroy(request)


class TitleTaken(Conflict):
    """There is such a note."""

    default_code = "title_taken"
    details = {"title": ["There is such a note."]}
    headers = {"X-Other": "/notes/1"}


class NoteChanged(Conflict):
    """The note is another version than the caller thinks."""

    status_code = 412
    default_code = "note_changed"


class UserUnknown(ValidationError):
    """A validation error with a code of its own."""

    default_code = "user_unknown"


class NoteView(GenericAPIView[Note]):
    """One note."""

    queryset = Note.objects.all()
    serializer_class = NoteSerializer
    operations = {
        "GET": Operation("Show a note", "This is it."),
        "PUT": Operation("Change a note", errors=(TitleTaken,), request=NewNoteSerializer, response=NoteSerializer),
        "POST": Operation(
            "Copy a note",
            status=201,
            takes_body=False,
            gives_data=False,
            bodyless_statuses={304: "Not modified."},
            headers=("ETag",),
        ),
        "DELETE": Operation("Delete a note", request=NewNoteSerializer),
    }

    def get(self, request: Request, id: Any) -> NoReturn:
        raise Http404

    put = post = delete = get


class BareNoteView(NoteView):
    """One note, without the envelope."""

    renderer_classes = (BareJSONRenderer,)
    operations = {
        "DELETE": Operation("Delete a note", status=204),
        "GET": Operation("Show a note"),
        "PUT": Operation("Change a note", errors=(NoteChanged,)),
        "PATCH": Operation("Patch a note", request=ClearableNoteSerializer, response=ClearableNoteSerializer),
    }
    patch = NoteView.get


def lost_connection() -> OperationalError:
    error = OperationalError("connection to server at 10.0.0.7 failed: password=hunter2")
    error.__cause__ = TimeoutError("10.0.0.7")
    return error


def refusal(sqlstate: str) -> Callable[[], Exception]:
    """Return what makes an error of PostgreSQL's, as Django raises it."""

    def refuse() -> Exception:
        try:
            with connection.cursor() as cursor:
                cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'hunter2' USING ERRCODE = '{sqlstate}'; END $$")
        except DatabaseError as error:
            return error
        raise AssertionError

    return refuse


# Errors by position, as the API framework reports them for lists.
LONG_LABEL: Any = {1: ["Too long."]}
WRONG_ROW: Any = {99: {"title": ["Wrong."]}}

FAILURES: dict[str, Callable[[], Exception]] = {
    "crash": lambda: RuntimeError("password=hunter2"),
    "operational": lost_connection,
    "interface": lambda: InterfaceError("connection already closed"),
    # A read-only transaction, a full disk, a server that shuts down or starts; and a broken index.
    **{f"sqlstate-{code}": refusal(code) for code in ("25006", "53100", "57P01", "57P03", "XX002")},
    "suspicious": lambda: SuspiciousOperation("SECRET_SETTING exceeded"),
    "bad-request": lambda: BadRequest("SECRET_SETTING"),
    "too-big": lambda: RequestDataTooBig("settings.DATA_UPLOAD_MAX_MEMORY_SIZE"),
    "denied": lambda: PermissionDenied("password=hunter2"),
    "missing": lambda: Http404("password=hunter2"),
    "unavailable": lambda: ServiceUnavailable("The other is unavailable."),
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


class NoteExportView(ExportView):
    """The caller's notes, in two parts."""

    operations = {"GET": replace(EXPORT, id="exportNotes", examples=(example_of(note={"title": "one"}),))}

    def get_parts(self) -> list[Part]:
        rows = EXPORTED.filter(owner=self.request.user.id)
        return [Part("note", NoteSerializer, rows), Part("again", NoteSerializer, rows)]
