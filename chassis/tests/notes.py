"""A service of notes: what it stores, lists, changes and exports."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NoReturn

from chassis.db.rows import BoundQuery, RowQuery
from chassis.exceptions import Conflict
from chassis.exports import EXPORT, ExportView, Part, example_of
from chassis.generics import DetailAPIView, ListAPIView
from chassis.operations import Operation
from chassis.pagination import KeysetPagination, SortKey
from chassis.parameters import PageQuery
from chassis.preconditions import PreconditionFailed, TagNotQuoted
from chassis.renderers import BareJSONRenderer
from chassis.schema import header
from chassis.serializers import RowSerializer
from django.db.models import F
from django.http import Http404
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.generics import GenericAPIView, RetrieveUpdateDestroyAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request

from tests.models import Note


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


class WrittenNoteView(DetailAPIView[Note], RetrieveUpdateDestroyAPIView[Note]):
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


class NoteExportView(ExportView):
    """The caller's notes, in two parts."""

    operations = {"GET": replace(EXPORT, id="exportNotes", examples=(example_of(note={"title": "one"}),))}

    def get_parts(self) -> list[Part]:
        rows = EXPORTED.filter(owner=self.request.user.id)
        return [Part("note", NoteSerializer, rows), Part("again", NoteSerializer, rows)]
