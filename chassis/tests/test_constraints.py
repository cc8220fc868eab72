from __future__ import annotations

from uuid import uuid4

import pytest
from chassis.db.constraints import violated_constraint
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.models import Note


def violation(**columns: object) -> IntegrityError:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        Note.objects.create(title="a", **columns)
    return caught.value


@pytest.mark.django_db
def test_a_violated_constraint_is_known_by_its_name() -> None:
    note = Note.objects.create(title="a", created_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE tests_note ADD CONSTRAINT rank_below_ten CHECK (rank < 10)")

    assert violated_constraint(violation(pk=note.pk, created_at=note.created_at)) == "tests_note_pkey"
    assert violated_constraint(violation(pk=uuid4(), created_at=note.created_at, rank=10)) == "rank_below_ten"


@pytest.mark.django_db
def test_a_column_without_its_value_violates_no_named_constraint() -> None:
    assert violated_constraint(violation(created_at=None)) is None


def test_an_error_that_is_not_postgresqls_names_none() -> None:
    assert violated_constraint(IntegrityError()) is None
