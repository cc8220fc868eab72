"""Conditional requests: a writer that has seen an older version is refused and told the current one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from chassis.testing import JSONClient, failure_of

from tests.models import Note

pytestmark = pytest.mark.django_db

WRITES = pytest.mark.parametrize("method", ["put", "patch", "delete"])


@pytest.fixture
def note() -> Note:
    note: Note = Note.objects.create(title="a", rank=1, created_at=datetime(2026, 1, 1, tzinfo=UTC))
    return note


def write(client: JSONClient, method: str, note: Note, if_match: str) -> Any:
    return getattr(client, method)(f"/written-notes/{note.pk}", {"title": "b"}, headers={"If-Match": if_match})


@WRITES
@pytest.mark.parametrize("tags", ['"1"', "*", " * ", '"0", "1"', '"0","1" , "2"', 'W/"1", "1"'])
def test_a_writer_that_has_seen_this_version_may_write(client: JSONClient, note: Note, method: str, tags: str) -> None:
    assert write(client, method, note, tags).status_code in (200, 202)
    assert not Note.objects.filter(title="a").exists()


@WRITES
@pytest.mark.parametrize("tags", ['"2"', 'W/"1"', '"0", "2"', '"1,1"', '""', '"\xe9"'])
def test_a_writer_that_has_not_is_refused_and_told_the_current_tag(
    client: JSONClient, note: Note, method: str, tags: str
) -> None:
    response = write(client, method, note, tags)

    assert failure_of(response) == (412, "precondition_failed")
    assert response.headers["ETag"] == '"1"'
    assert response.json()["error"]["details"] == {"etag": ['"1"']}
    assert Note.objects.get().title == "a"


@WRITES
@pytest.mark.parametrize(
    ("tags", "shown"),
    [
        ("1", '"1"'),
        ('"1', '"1"'),
        ("nonsense", '"nonsense"'),
        ("", '"1"'),
        ("1, 2", '"1", "2"'),
        ('"1", 2', '"1", "2"'),
    ],
)
def test_a_tag_without_quotes_is_refused_and_shown_with_them(
    client: JSONClient, note: Note, method: str, tags: str, shown: str
) -> None:
    response = write(client, method, note, tags)

    assert failure_of(response) == (400, "validation_error")
    (message,) = response.json()["error"]["details"]["If-Match"]
    assert message == f"Write the tag in quotes, as ETag has it: If-Match: {shown}."
    assert Note.objects.get().title == "a"


def test_a_change_answers_with_the_new_tag(client: JSONClient, note: Note) -> None:
    response = client.patch(f"/written-notes/{note.pk}", {"rank": 2}, headers={"If-Match": '"1"'})

    assert response.headers["ETag"] == '"2"'


def test_a_precondition_is_decided_before_the_body_is_judged(client: JSONClient, note: Note) -> None:
    response = client.patch(f"/written-notes/{note.pk}", {"title": ""}, headers={"If-Match": '"2"'})

    assert failure_of(response) == (412, "precondition_failed")


@pytest.mark.parametrize("tags", ['"1"', 'W/"1"', '"0", "1"', '"0",W/"1"', "*", " * "])
def test_a_reader_that_holds_this_version_is_told_so(client: JSONClient, note: Note, tags: str) -> None:
    response = client.get(f"/written-notes/{note.pk}", headers={"If-None-Match": tags})

    assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", '"1"')


@pytest.mark.parametrize("tags", [None, '"2"', 'W/"2"', "1", "", '"11"', '"1', '"0", "2"', "nonsense"])
def test_a_reader_that_holds_another_version_gets_this_one(client: JSONClient, note: Note, tags: str | None) -> None:
    headers = {} if tags is None else {"If-None-Match": tags}

    response = client.get(f"/written-notes/{note.pk}", headers=headers)

    assert (response.status_code, response.headers["ETag"]) == (200, '"1"')
    assert response.json()["data"]["title"] == "a"
