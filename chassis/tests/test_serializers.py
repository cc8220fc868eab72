from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from chassis.db.rows import Rows
from chassis.serializers import CamelCaseSerializer, ChoiceField, LabelField, RowSerializer
from chassis.testing import JSONClient, failure_of
from chassis.timestamps import six_digits
from django.db.models import IntegerChoices
from django.http import QueryDict
from rest_framework import serializers

from tests.models import Note
from tests.notes import NoteQuery

WRONG_QUERIES = {
    "unknown": ("colour=red", "colour"),
    "unknown and empty": ("colour", "colour"),
    "without a name": ("=5", ""),
    "empty": ("page_size=", "page_size"),
    "repeated": ("page_size=5&page_size=6", "page_size"),
    "repeated the same": ("page_size=5&page_size=5", "page_size"),
    "zero": ("page_size=0", "page_size"),
    "too large": ("page_size=101", "page_size"),
    "negative": ("page_size=-1", "page_size"),
    "a fraction": ("page_size=1.5", "page_size"),
    "a word": ("page_size=all", "page_size"),
    "huge": (f"page_size={'9' * 2000}", "page_size"),
    "NUL": ("cursor=%00", "cursor"),
    "too long": (f"cursor={'a' * 2001}", "cursor"),
    "a list of the PHP kind": ("page_size[]=5", "page_size[]"),
    "in capitals": ("Page_Size=5", "Page_Size"),
}


@pytest.mark.parametrize(("query", "name"), WRONG_QUERIES.values(), ids=WRONG_QUERIES.keys())
def test_a_wrong_parameter_is_a_400_that_names_it(query: str, name: str) -> None:
    response = JSONClient().get(f"/notes?{query}")

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == [name]


@pytest.mark.parametrize(
    ("cursor", "message"),
    [
        ("http://testserver/notes?cursor=abc", "This is a URL to be followed as it is; a cursor is"),
        ("/notes?cursor=abc", "This is a URL to be followed as it is; a cursor is"),
        (f"http://testserver/notes?cursor={'a' * 2000}", "This is a URL to be followed as it is; a cursor is"),
        ("a b", "This is not a cursor."),
    ],
    ids=["a URL", "a path", "a long URL", "something else"],
)
def test_a_cursor_that_is_a_url_is_to_be_followed(cursor: str, message: str) -> None:
    response = JSONClient().get(f"/notes?{urlencode({'cursor': cursor})}")

    assert failure_of(response) == (400, "validation_error")
    (said,) = response.json()["error"]["details"]["cursor"]
    assert said.startswith(message)


def test_an_unknown_parameter_is_told_which_there_are() -> None:
    response = JSONClient().get("/notes?colour=red")

    assert response.json()["error"]["details"]["colour"] == [
        "There is no such parameter; there are cursor, ordering, page_size."
    ]


@pytest.mark.django_db
def test_no_parameters_are_the_defaults_each_time_anew() -> None:
    query = NoteQuery.read(QueryDict())
    assert query == {"page_size": 50, "ordering": "-created_at"}

    query.clear()

    assert NoteQuery.read(QueryDict()) == {"page_size": 50, "ordering": "-created_at"}
    assert NoteQuery.read(QueryDict("page_size=7"))["page_size"] == 7


class Size(IntegerChoices):
    """How large."""

    SMALL = 1, "small"
    LARGE = 2, "large"


class ThingSerializer(serializers.Serializer[Any]):
    """A thing with a size."""

    size = LabelField(Size)


@pytest.mark.parametrize("size", list(Size))
def test_a_number_is_its_label_on_the_wire(size: Size) -> None:
    serializer = ThingSerializer(data={"size": size.label})

    assert serializer.is_valid()
    assert serializer.validated_data == {"size": size.value}
    assert ThingSerializer({"size": size.value}).data == {"size": size.label}


@pytest.mark.parametrize("size", ["", "SMALL", "huge", 1, "1", None, True, [], {}], ids=repr)
def test_what_is_no_label_is_refused(size: Any) -> None:
    serializer = ThingSerializer(data={"size": size})

    assert not serializer.is_valid()
    assert list(serializer.errors) == ["size"]


@pytest.mark.parametrize("name", ["status", "size"])
def test_a_wrong_choice_is_told_which_there_are(name: str) -> None:
    class Query(serializers.Serializer[Any]):
        status = ChoiceField(["open", "done"], required=False)
        size = LabelField(Size, required=False)

    query = Query(data={name: "x" * 1000})

    assert not query.is_valid()
    (message,) = query.errors[name]
    choices = {"status": "open, done", "size": "small, large"}[name]
    # What was sent comes last: a long message is cut.
    assert str(message) == f'Choose one of: {choices}. "{"x" * 1000}" is not a valid choice.'


class RankedNoteSerializer(RowSerializer[Note]):
    """A note whose rank is a word."""

    size = LabelField(Size, source="rank", required=False)
    secret = serializers.CharField(write_only=True, required=False)
    words = serializers.ListField(child=serializers.CharField(), write_only=True, required=False)

    class Meta:
        model = Note
        fields = ("id", "title", "size", "secret", "words")


def test_a_row_is_written_the_same_from_an_instance_and_from_its_columns() -> None:
    note = Note(title="a", rank=2, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    rows = Rows(("rank", "id", "title"), [(2, note.id, "a"), (1, note.id, "b")])

    assert RankedNoteSerializer(note).data == {"id": note.id, "title": "a", "size": "large"}
    assert RankedNoteSerializer.of_rows(rows) == [
        RankedNoteSerializer(note).data,
        {"id": note.id, "title": "b", "size": "small"},
    ]


def test_serializers_of_one_class_share_no_field() -> None:
    first, second = (RankedNoteSerializer(data={"title": "a", "words": ["b", 1]}) for _ in range(2))

    for name, field in first.fields.items():
        assert field is not second.fields[name]
        assert (field.parent, second.fields[name].parent) == (first, second)
    assert first.fields["words"].child.root is first
    assert first.is_valid(), first.errors
    assert not RankedNoteSerializer(data={"words": [[]]}).is_valid()


class CamelCaseNoteSerializer(CamelCaseSerializer[Note], RankedNoteSerializer):
    """A note of the resource API."""

    renamed = {"title": "name"}

    class Meta:
        model = Note
        fields = ("id", "title", "size", "created_at", "due_at")

    def validate_due_at(self, due_at: datetime | None) -> datetime:
        return due_at or datetime(2026, 1, 1, tzinfo=UTC)


def test_camel_case_fields_are_the_models_with_their_limits() -> None:
    fields = CamelCaseNoteSerializer().fields

    assert [(name, field.source) for name, field in fields.items()] == [
        ("id", "id"),
        ("name", "title"),
        ("size", "rank"),
        ("createdAt", "created_at"),
        ("dueAt", "due_at"),
    ]
    assert (fields["dueAt"].allow_null, fields["dueAt"].required) == (True, False)
    assert fields["size"].error_messages["invalid_choice"].startswith("Choose one of")


def test_camel_case_is_read_and_written() -> None:
    sent = {"name": "a", "size": "large", "createdAt": "2026-01-01T00:00:00Z", "dueAt": None}
    serializer = CamelCaseNoteSerializer(data=sent)

    assert serializer.is_valid(), serializer.errors
    new_year = datetime(2026, 1, 1, tzinfo=UTC)
    # The method that validates a field is found by its name in snake_case.
    assert serializer.validated_data == {"title": "a", "rank": 2, "created_at": new_year, "due_at": new_year}
    written = CamelCaseNoteSerializer(Note(**serializer.validated_data)).data
    assert written == sent | {"id": written["id"], "createdAt": six_digits(new_year), "dueAt": six_digits(new_year)}


def test_an_error_names_the_camel_case_field() -> None:
    serializer = CamelCaseNoteSerializer(data={"created_at": "2026-01-01T00:00:00Z", "name": "a", "dueAt": "never"})

    assert not serializer.is_valid()
    assert set(serializer.errors) == {"createdAt", "dueAt"}


UNWRITABLE = {
    "a method": lambda: serializers.SerializerMethodField(),
    "the value of another row": lambda: serializers.CharField(source="owner.name"),
    "the whole row": lambda: serializers.CharField(source="*"),
    "another serializer": ThingSerializer,
    "many of another serializer": lambda: ThingSerializer(many=True),
    "a list of labels": lambda: serializers.ListField(child=LabelField(Size)),
    "what DRF formats": lambda: serializers.DurationField(),
}


@pytest.mark.parametrize("make", UNWRITABLE.values(), ids=UNWRITABLE.keys())
def test_a_row_serializer_refuses_a_field_that_it_cannot_write(make: Callable[[], Any]) -> None:
    with pytest.raises(TypeError, match="WrongSerializer cannot write wrong: it is not the plain value of one column"):
        type("WrongSerializer", (RowSerializer,), {"wrong": make()})


def test_a_row_serializer_refuses_an_attribute_that_is_no_column() -> None:
    class Meta:
        model = Note
        fields = ("id", "get_deferred_fields")

    with pytest.raises(TypeError, match="WrongSerializer cannot write get_deferred_fields"):
        type("WrongSerializer", (RowSerializer,), {"Meta": Meta}).sources()


def test_a_row_serializer_may_read_what_it_cannot_write() -> None:
    class ReaderSerializer(RowSerializer[Note]):
        period = serializers.DurationField(write_only=True)
        words = serializers.ListField()

    assert set(ReaderSerializer._declared_fields) == {"period", "words"}
