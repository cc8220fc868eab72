from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from chassis.testing import JSONClient, failure_of
from chassis.timestamps import six_digits
from django.test import Client

from tests.models import Note

# Not the client that refuses every other form itself.
reader = Client()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (datetime(2026, 1, 5, 9, tzinfo=UTC), "2026-01-05T09:00:00.000000Z"),
        (datetime(2026, 1, 5, 9, 0, 0, 100_000, tzinfo=UTC), "2026-01-05T09:00:00.100000Z"),
        (datetime(999, 1, 5, 9, tzinfo=UTC), "0999-01-05T09:00:00.000000Z"),
        (datetime(2026, 1, 5, 9, tzinfo=timezone(timedelta(hours=2))), "2026-01-05T07:00:00.000000Z"),
    ],
    ids=str,
)
def test_a_timestamp_is_sent_in_utc_with_six_digits(moment: datetime, sent: str) -> None:
    note = Note.objects.create(title="a", created_at=moment)

    assert reader.get(f"/written-notes/{note.pk}").json()["data"]["created_at"] == sent
    assert reader.get("/notes").json()["data"][0]["created_at"] == sent
    assert six_digits(moment) == (moment if moment.microsecond else sent)


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["2026-01-05T09:00:00", "2026-01-05 09:00", "2026-01-05T09:00:00.123456"])
def test_a_timestamp_without_an_offset_is_refused(client: JSONClient, given: str) -> None:
    note = Note.objects.create(title="a", created_at=datetime(2026, 1, 1, tzinfo=UTC))

    response = client.patch(f"/written-notes/{note.pk}", {"created_at": given})

    assert failure_of(response) == (400, "validation_error")
    error: dict[str, Any] = response.json()["error"]
    assert error["details"] == {"created_at": ["Give the offset from UTC too: Z, or such as +02:00."]}
    assert error["fields"] == [{"field": "created_at", "code": "no_offset"}]


@pytest.mark.django_db
@pytest.mark.parametrize("given", ["2026-01-05T09:00:00Z", "2026-01-05T10:00:00+01:00", "2026-01-05T09:00:00.0-00:00"])
def test_a_timestamp_with_an_offset_is_that_moment(client: JSONClient, given: str) -> None:
    note = Note.objects.create(title="a", created_at=datetime(2026, 1, 1, tzinfo=UTC))

    assert client.patch(f"/written-notes/{note.pk}", {"created_at": given}).status_code == 200
    note.refresh_from_db()
    assert note.created_at == datetime(2026, 1, 5, 9, tzinfo=UTC)
