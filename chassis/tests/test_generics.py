from __future__ import annotations

from datetime import UTC, datetime

import pytest
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import waiting_for
from django.db import connection

from tests.models import Note

pytestmark = pytest.mark.django_db

WHEN = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_list_that_does_not_say_what_may_be_seen_shows_nothing(client: JSONClient) -> None:
    Note.objects.create(title="a secret", rank=1, created_at=WHEN)

    response = client.get("/undecided-notes")

    assert failure_of(response) == (500, "server_error")
    assert "a secret" not in response.text


@pytest.mark.parametrize("method", ["put", "patch"])
def test_a_field_that_is_absent_stays(client: JSONClient, method: str) -> None:
    note = Note.objects.create(title="a", rank=1, created_at=WHEN)

    response = getattr(client, method)(f"/written-notes/{note.pk}", {"rank": 2})

    assert (response.status_code, response.json()["data"]["title"], response.json()["data"]["rank"]) == (200, "a", 2)
    note.refresh_from_db()
    assert (note.title, note.rank) == ("a", 2)


def test_a_deletion_answers_with_the_status_of_its_operation(client: JSONClient) -> None:
    note = Note.objects.create(title="a", rank=1, created_at=WHEN)

    response = client.delete(f"/written-notes/{note.pk}")

    assert (response.status_code, response.json()["message"]) == (202, "Deleted.")
    assert not Note.objects.exists()
    assert failure_of(client.delete(f"/written-notes/{note.pk}")) == (404, "not_found")


@pytest.mark.django_db(transaction=True)
def test_a_write_waits_for_another_of_the_same_row_and_sees_it(client: JSONClient) -> None:
    note = Note.objects.create(title="a", rank=1, created_at=WHEN)

    response = waiting_for(
        lambda: Note.objects.filter(pk=note.pk).update(title="b"),
        lambda: client.put(f"/written-notes/{note.pk}", {"rank": 2}),
    )

    assert response.json()["data"]["title"] == "b"
    connection.close()
