from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from chassis.rows import Rows
from chassis.serializers import LabelField, RowSerializer
from chassis.testing import JSONClient, failure_of
from django.db.models import IntegerChoices
from django.http import QueryDict
from rest_framework import serializers

from tests.models import Note
from tests.views import NoteQuery

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
