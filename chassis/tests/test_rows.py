from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from chassis.rows import RowQuery, insert
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from chassis import rows
from tests.models import Note

pytestmark = pytest.mark.django_db

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def query() -> RowQuery:
    return RowQuery(narrow=Note.objects.filter, columns=("title", "rank"))


def test_rows_are_tuples_of_the_columns() -> None:
    Note.objects.create(title="a", rank=1, created_at=WHEN)

    found = query().read(title="a")

    assert found.columns == ("title", "rank")
    assert found.values == [("a", 1)]


def test_a_value_is_bound_anew_by_every_call_and_compiled_by_the_first() -> None:
    for rank, title in enumerate("abc"):
        Note.objects.create(title=title, rank=rank, created_at=WHEN)
    notes = query()

    with patch.object(QuerySet, "values", autospec=True, side_effect=QuerySet.values) as compiled:
        found = [notes.read(title=title).values for title in "cab"]

    assert found == [[("c", 2)], [("a", 0)], [("b", 1)]]
    assert compiled.call_count == 1


def test_other_filters_are_another_statement() -> None:
    Note.objects.create(title="a", rank=1, created_at=WHEN)
    notes = query()

    assert notes.read(title="a", rank=1).values == notes.read(rank=1, title="a").values == [("a", 1)]
    assert notes.read(rank=2).values == []
    assert notes.read().values == [("a", 1)]


def test_an_inserted_row_is_the_instance() -> None:
    note = Note(title="a", rank=3, created_at=WHEN)

    insert(note)
    note.title = "b"
    note.save()

    assert list(Note.objects.values_list("pk", "title", "rank", "created_at", "due_at")) == [
        (note.pk, "b", 3, WHEN, None)
    ]


def test_a_row_is_not_inserted_twice() -> None:
    note = Note(title="a", created_at=WHEN)
    insert(note)

    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Note(pk=note.pk, title="b", created_at=WHEN))

    assert Note.objects.get().title == "a"


def test_many_rows_are_deleted_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PORTION", 2)
    for title in ("gone", "stays", "gone", "gone"):
        Note.objects.create(title=title, rank=1, created_at=WHEN)

    assert [rows.delete_some(Note.objects.filter(title="gone")) for _ in range(3)] == [False, True, True]
    assert [note.title for note in Note.objects.all()] == ["stays"]
