"""The database itself refuses rows that no profile may be."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from profiles.models import Profile

pytestmark = pytest.mark.django_db


def insert(**columns: Any) -> None:
    """Insert a profile with raw SQL; what is not given is right."""
    now = datetime.now(UTC)
    row: dict[str, Any] = {
        "user_id": uuid4(),
        "full_name": "name",
        "email": "x@example.com",
        "bio": "",
        "timezone": "UTC",
        "created_at": now,
        "updated_at": now,
    } | columns
    names = ", ".join(row)
    values = ", ".join(["%s"] * len(row))
    with transaction.atomic(), connection.cursor() as cursor:
        sql = f"INSERT INTO profiles_profile ({names}) VALUES ({values})"  # noqa: S608  # The names are this module's.
        cursor.execute(sql, list(row.values()))


def test_a_right_row_is_accepted() -> None:
    insert()

    assert str(Profile.objects.get()) == "name"


@pytest.mark.parametrize(
    ("constraint", "columns"),
    [
        ("profile_full_name_not_empty", {"full_name": ""}),
        ("profile_bio_length", {"bio": "x" * 2_001}),
        ("full_name", {"full_name": None}),
        ("email", {"email": None}),
        ("bio", {"bio": None}),
        ("timezone", {"timezone": None}),
        ("user_id", {"user_id": None}),
        ("created_at", {"created_at": None}),
        ("updated_at", {"updated_at": None}),
    ],
)
def test_a_wrong_row_is_refused(constraint: str, columns: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        insert(**columns)


@pytest.mark.parametrize("columns", [{"full_name": "x" * 201}, {"email": "x" * 255}, {"timezone": "x" * 65}], ids=str)
def test_what_is_too_long_is_refused(columns: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="too long"):
        insert(**columns)


def test_an_account_has_one_profile() -> None:
    user_id = uuid4()
    insert(user_id=user_id)

    with pytest.raises(IntegrityError, match="profiles_profile_pkey"):
        insert(user_id=user_id)
