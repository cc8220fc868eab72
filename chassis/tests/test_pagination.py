from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from chassis.pagination import MAX_PAGE_BYTES, Page, SortKey, fitting
from chassis.renderers import dumps
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import pages
from django.db.models import F

from tests.models import Note
from tests.notes import NOTES, NotePagination

pytestmark = pytest.mark.django_db

START = datetime(2026, 1, 1, tzinfo=UTC)


def add_notes(*titles: str, same_time: bool = False) -> list[Note]:
    return Note.objects.bulk_create(
        Note(
            id=UUID(int=number + 1),
            title=title,
            rank=number // 2,
            created_at=START + timedelta(seconds=0 if same_time else number),
        )
        for number, title in enumerate(titles)
    )


def walk(client: JSONClient, url: str) -> list[list[str]]:
    """Return the titles of each page."""
    return [[row["title"] for row in page] for page in pages(client, url)]


@pytest.mark.parametrize(
    ("ordering", "walked"),
    [
        ("-created_at", [["e", "c"], ["a", "b"], ["d"]]),
        ("created_at", [["d", "b"], ["a", "c"], ["e"]]),
        ("title", [["a", "b"], ["c", "d"], ["e"]]),
        ("-title", [["e", "d"], ["c", "b"], ["a"]]),
        ("rank", [["d", "b"], ["a", "c"], ["e"]]),
        ("-rank", [["e", "c"], ["a", "b"], ["d"]]),
    ],
)
def test_pages_follow_each_other_in_any_order(client: JSONClient, ordering: str, walked: list[list[str]]) -> None:
    add_notes("d", "b", "a", "c", "e")

    assert walk(client, f"/notes?page_size=2&ordering={ordering}") == walked


def test_a_list_may_be_ordered_by_each_of_its_sort_keys_both_ways() -> None:
    assert NotePagination.orderings() == ["created_at", "-created_at", "rank", "-rank", "title", "-title"]


def test_rows_that_compare_equal_are_neither_repeated_nor_skipped(client: JSONClient) -> None:
    add_notes(*"abcde", same_time=True)

    assert walk(client, "/notes?page_size=2") == [["e", "d"], ["c", "b"], ["a"]]


def test_rows_that_come_and_go_do_not_shift_the_others(client: JSONClient) -> None:
    notes = add_notes(*"abcde")
    first = client.get("/notes?page_size=2&ordering=created_at").json()
    notes[0].delete()
    notes[1].delete()
    Note.objects.create(title="new", created_at=START - timedelta(days=1))

    assert [row["title"] for row in client.get(first["meta"]["next"]).json()["data"]] == ["c", "d"]


def test_a_title_that_names_a_column_is_a_text(client: JSONClient) -> None:
    add_notes("created_at", "id", "title", "zeta")

    assert walk(client, "/notes?page_size=1&ordering=title") == [["created_at"], ["id"], ["title"], ["zeta"]]


def test_odd_titles_survive_the_cursor(client: JSONClient) -> None:
    titles = sorted(["", " ", "%s", "%(a)s", "'; --", '"', "\\", "😀", "ÿ" * 200])
    add_notes(*titles)

    assert walk(client, "/notes?page_size=1&ordering=title") == [[title] for title in titles]


def test_an_enveloped_list_names_the_next_page_and_the_size(client: JSONClient) -> None:
    add_notes("a", "b")

    body = client.get("/notes?page_size=1").json()

    assert body["meta"]["page_size"] == 1
    assert body["meta"]["next"].startswith("http://testserver/notes?")
    assert "page_size=1" in body["meta"]["next"]
    assert f"cursor={body['meta']['next_cursor']}" in body["meta"]["next"]
    assert client.get(body["meta"]["next"]).json()["meta"] == {"next": None, "next_cursor": None, "page_size": 1}


def test_a_bare_list_names_the_next_page_in_a_link_header(client: JSONClient) -> None:
    add_notes("a", "b")

    response = client.get("/bare-notes?page_size=1")

    assert [row["title"] for row in response.json()] == ["b"]
    url, _, relation = response.headers["Link"].partition("; ")
    assert relation == 'rel="next"'
    last = client.get(url.strip("<>"))
    assert [row["title"] for row in last.json()] == ["a"]
    assert "Link" not in last.headers


def test_a_page_of_just_the_rows_there_are_is_the_last(client: JSONClient) -> None:
    add_notes("a", "b")

    assert client.get("/notes?page_size=2").json()["meta"]["next"] is None
    assert client.get("/notes").json()["meta"] == {"next": None, "next_cursor": None, "page_size": 50}


def titles(page: Page) -> list[str]:
    return [row[page.rows.columns.index("title")] for row in page.rows.values]


def test_a_filter_is_bound_anew_for_every_page(client: JSONClient) -> None:
    add_notes("a", "b", "c", "d")

    pages = [NotePagination.page_of(NOTES.filter(rank=rank), "title", 5) for rank in (0, 1, 2)]

    assert [titles(page) for page in pages] == [["a", "b"], ["c", "d"], []]


def test_a_range_of_another_key_keeps_the_order_from_page_to_page(client: JSONClient) -> None:
    add_notes("d", "b", "a", "c", "e", "f")

    class RankedPagination(NotePagination):
        sort_keys = {**NotePagination.sort_keys, "rank": SortKey(F("rank"), ranges=frozenset({"rank__gte"}))}

    notes = NOTES.filter(rank__gte=1)
    first = RankedPagination.page_of(notes, "title", 2)
    second = RankedPagination.page_of(notes, "title", 2, first.next_cursor)

    assert [titles(page) for page in (first, second)] == [["a", "c"], ["e", "f"]]


def cursor_of(position: Any) -> str:
    """Encode what a cursor holds, as a forger would."""
    return base64.urlsafe_b64encode(orjson.dumps(position)).rstrip(b"=").decode()


ID = str(uuid4())
WHEN = START.isoformat()
FORGED = {
    "of another order": ("created_at", cursor_of(["-created_at", WHEN, ID])),
    "of another column": ("created_at", cursor_of(["rank", 1, ID])),
    "not base64": ("created_at", "!!!"),
    "of an impossible length": ("created_at", "a"),
    "beyond ASCII": ("created_at", "ü"),
    "not JSON": ("created_at", "YWJj"),
    "a number": ("created_at", cursor_of(1)),
    "null": ("created_at", cursor_of(None)),
    "a text": ("created_at", cursor_of("abc")),
    "an object": ("created_at", cursor_of({"a": 1, "b": 2, "c": 3})),
    "too short": ("created_at", cursor_of(["created_at", WHEN])),
    "too long": ("created_at", cursor_of(["created_at", WHEN, ID, 1])),
    "an order that is no text": ("created_at", cursor_of([None, WHEN, ID])),
    "an id that is none": ("created_at", cursor_of(["created_at", WHEN, "1"])),
    "an id that is a number": ("created_at", cursor_of(["created_at", WHEN, 1])),
    "an id that is null": ("created_at", cursor_of(["created_at", WHEN, None])),
    "an id with NUL": ("created_at", cursor_of(["created_at", WHEN, ID[:-1] + "\0"])),
    "a number for a timestamp": ("created_at", cursor_of(["created_at", 1, ID])),
    "null for a timestamp": ("created_at", cursor_of(["created_at", None, ID])),
    "a timestamp without a zone": ("created_at", cursor_of(["created_at", "2026-01-01T00:00:00", ID])),
    "a timestamp before time": ("created_at", cursor_of(["created_at", "0001-01-01T00:00:00+14:00", ID])),
    "a timestamp after time": ("created_at", cursor_of(["created_at", "9999-12-31T23:59:59-14:00", ID])),
    "infinity for a timestamp": ("created_at", cursor_of(["created_at", "infinity", ID])),
    "a text for a number": ("rank", cursor_of(["rank", "one", ID])),
    "a fraction": ("rank", cursor_of(["rank", 1.5, ID])),
    "a truth value for a number": ("rank", cursor_of(["rank", True, ID])),
    "a number out of range": ("rank", cursor_of(["rank", 40_000, ID])),
    "a huge number": ("rank", cursor_of(["rank", 2**63, ID])),
    "a truth value for a text": ("title", cursor_of(["title", True, ID])),
    "a list for a text": ("title", cursor_of(["title", ["a"], ID])),
    "a text with NUL": ("title", cursor_of(["title", "a\0b", ID])),
}


@pytest.mark.parametrize(("ordering", "cursor"), FORGED.values(), ids=FORGED.keys())
def test_a_forged_cursor_is_a_400(client: JSONClient, ordering: str, cursor: str) -> None:
    response = client.get("/notes", {"ordering": ordering, "cursor": cursor})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["cursor"]


@pytest.mark.parametrize(
    "when", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-01-01T00:00:00+23:59:59"]
)
def test_any_instant_is_a_position(client: JSONClient, when: str) -> None:
    response = client.get("/notes", {"ordering": "created_at", "cursor": cursor_of(["created_at", when, ID])})

    assert response.status_code == 200


def test_a_page_of_large_rows_ends_early_and_goes_on(client: JSONClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.pagination.MAX_PAGE_BYTES", 1500)
    add_notes("one", "two", "three")

    assert walk(client, "/notes?ordering=created_at&page_size=50") == [["one", "two"], ["three"]]


@pytest.mark.parametrize("character", ["a", "\u0001", "\U0001f600"], ids=["ascii", "escaped", "four bytes"])
@pytest.mark.parametrize("length", [0, 100, 2_000, 10_000])
def test_no_page_is_larger_than_its_bound_and_none_is_cut_needlessly(character: str, length: int) -> None:
    row = (uuid4(), character * length, datetime.now(UTC), [character * 50] * 20)

    kept = fitting([row] * 100)

    assert kept == 100 or kept * len(dumps(row)) > MAX_PAGE_BYTES * 0.7
    assert kept * len(dumps(row)) <= MAX_PAGE_BYTES


def test_a_page_has_one_row_at_least() -> None:
    assert fitting([("x" * (MAX_PAGE_BYTES + 1),)] * 2) == 1
