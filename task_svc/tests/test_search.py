"""GET /tasks?search= and ?label=: words of title and description, labels, and nobody else's."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from chassis.testing import Persona, failure_of
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.acts import make_task

pytestmark = pytest.mark.django_db


def found(persona: Persona, **query: str) -> list[str]:
    """Return the titles that a list gives, in their own order."""
    response = persona.client.get(f"/tasks?{urlencode(query)}")
    assert response.status_code == 200, response.content
    return sorted(task["title"] for task in response.json()["data"])


@pytest.mark.parametrize(
    ("search", "titles"),
    [
        ("milk", ["buy milk", "call"]),
        ("MILK", ["buy milk", "call"]),
        ("buy milk", ["buy milk"]),
        ("milk buy", ["buy milk"]),
        ('"about the milk"', ["call"]),
        ('"milk the about"', []),
        ("milk -call", ["buy milk"]),
        ("buy or call", ["buy milk", "call"]),
        ("mil", []),
        ("the", ["call"]),
        ("über", ["Über straße"]),
        ("STRASSE", []),
        ("straße", ["Über straße"]),
        ("milk & | ! ( ) : * <-> ' \\", ["buy milk", "call"]),
        ("'", None),
        ('- " :*', None),
    ],
)
def test_search_finds_words_in_title_and_description(alice: Persona, search: str, titles: list[str] | None) -> None:
    make_task(alice, "buy milk")
    make_task(alice, "call", description="ask about the milk")
    make_task(alice, "Über straße")

    if titles is None:
        response = alice.client.get(f"/tasks?{urlencode({'search': search})}")
        assert failure_of(response) == (400, "validation_error")
        assert list(response.json()["error"]["details"]) == ["search"]
    else:
        assert found(alice, search=search) == titles


def test_a_search_finds_what_a_change_wrote_and_not_what_it_overwrote(alice: Persona) -> None:
    task = make_task(alice, "milk", labels=["old"])
    alice.client.patch(f"/tasks/{task['id']}", {"title": "bread", "labels": ["new"]})

    assert [found(alice, search=word) for word in ("milk", "bread")] == [[], ["bread"]]
    assert [found(alice, label=label) for label in ("old", "new")] == [[], ["bread"]]


def test_bob_finds_nothing_of_alices(alice: Persona, bob: Persona) -> None:
    make_task(alice, "milk", labels=["home"])
    make_task(bob, "milk of bob", labels=["home"])

    assert found(bob, search="milk") == ["milk of bob"]
    assert found(bob, label="home") == ["milk of bob"]
    assert found(bob, search="bread -milk") == []
    assert found(bob, search="-bread") == ["milk of bob"]


@pytest.mark.parametrize(
    "label", ["home", "it's", 'a "quoted" \\ one', "two words", "l:abel & !other | <-> *", "Über", "=user:x", "'"]
)
def test_a_label_is_matched_exactly(alice: Persona, label: str) -> None:
    make_task(alice, "with", labels=["first", label])
    make_task(alice, "without", description=label)
    make_task(alice, "longer", labels=[f"{label}x"])

    assert found(alice, label=label) == ["with"]
    assert found(alice, label=label.swapcase()) == (["with"] if label.swapcase() == label else [])


def test_text_cannot_reach_a_label_nor_an_owner(alice: Persona) -> None:
    make_task(alice, "labelled", labels=["home"])

    for search in ("home", "=label:home", "'=label:home'", '"=label:home"', f"=user:{alice.id}", f"{alice.id}"):
        assert found(alice, search=search) == []


def test_a_label_cannot_reach_text_nor_an_owner(alice: Persona) -> None:
    make_task(alice, "home", description=f"=label:home =user:{alice.id}")

    assert found(alice, label="home") == []
    assert found(alice, label=f"=user:{alice.id}") == []


def test_search_label_and_filters_all_apply(alice: Persona) -> None:
    for title, labels, status in (
        ("milk 1", ["home"], "pending"),
        ("milk 2", ["work"], "pending"),
        ("milk 3", ["home"], "completed"),
        ("bread", ["home"], "pending"),
    ):
        make_task(alice, title, labels=labels, status=status)

    assert found(alice, search="milk", label="home", status="pending") == ["milk 1"]


def test_a_word_longer_than_an_index_entry_is_stored_and_not_found(alice: Persona) -> None:
    make_task(alice, "long", description="x" * 10_000)

    assert found(alice, search="x" * 200) == []
    assert found(alice, search="long") == ["long"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60)
    | st.from_regex(r"[=:'/<>@.a ]*", fullmatch=True)
)
def test_no_text_makes_a_lexeme_of_the_kinds_that_columns_make(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lexeme FROM unnest(task_document(gen_random_uuid(), %s, %s, '{}')) WHERE lexeme LIKE '=%%'",
            [text, f"={text} =user:{text} =label:{text}"],
        )
        lexemes = cursor.fetchall()

    assert len(lexemes) == 1


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    search=st.text(st.characters(codec="utf-8"), min_size=1, max_size=30) | st.from_regex(r"[-=:'\"/<>@|&!()*.a or]+")
)
def test_no_search_is_a_server_error(alice: Persona, search: str) -> None:
    response = alice.client.get(f"/tasks?{urlencode({'search': search})}")

    assert response.status_code in (200, 400)
