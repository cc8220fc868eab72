from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from chassis.db import rows
from chassis.db.rows import RowQuery
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower, Upper

from tests.models import Note

pytestmark = pytest.mark.django_db

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def query() -> RowQuery:
    return RowQuery(get_queryset=Note.objects.filter, columns=("title", "rank"))


def test_rows_are_tuples_of_the_columns() -> None:
    Note.objects.create(title="a", rank=1, created_at=WHEN)

    found = query().filter(title="a").read()

    assert found.columns == ("title", "rank")
    assert found.values == [("a", 1)]


def test_a_value_is_bound_anew_by_every_call_and_compiled_by_the_first() -> None:
    for rank, title in enumerate("abc"):
        Note.objects.create(title=title, rank=rank, created_at=WHEN)
    notes = query()

    with patch.object(QuerySet, "values", autospec=True, side_effect=QuerySet.values) as compiled:
        found = [notes.filter(title=title).read().values for title in "cab"]

    assert found == [[("c", 2)], [("a", 0)], [("b", 1)]]
    assert compiled.call_count == 1


def test_other_filters_are_another_statement() -> None:
    Note.objects.create(title="a", rank=1, created_at=WHEN)
    notes = query()

    both = [notes.filter(title="a", rank=1).read().values, notes.filter(rank=1, title="a").read().values]
    assert both == [[("a", 1)], [("a", 1)]]
    assert notes.filter(rank=2).read().values == []
    assert notes.filter().read().values == [("a", 1)]


def test_an_expression_is_a_part_of_the_statement() -> None:
    for title in ("a", "A"):
        Note.objects.create(title=title, rank=1, created_at=WHEN)
    notes = query()

    assert notes.filter(title=Lower(Value("A"))).read().values == [("a", 1)]
    assert notes.filter(title=Upper(Value("a"))).read().values == [("A", 1)]
    assert notes.filter(title="a").read().values == [("a", 1)]


def test_a_filter_that_the_queryset_requires_is_a_type_error_where_it_is_forgotten() -> None:
    def owned(*, owner: Any) -> QuerySet[Note]:
        return Note.objects.filter(title=owner)

    with pytest.raises(TypeError, match="owner"):
        RowQuery(owned, columns=("title",)).filter().read()


def test_many_rows_are_deleted_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PORTION", 2)
    for title in ("gone", "stays", "gone", "gone"):
        Note.objects.create(title=title, rank=1, created_at=WHEN)

    assert [rows.delete_some(Note.objects.filter(title="gone")) for _ in range(3)] == [False, True, True]
    assert [note.title for note in Note.objects.all()] == ["stays"]
