"""The list of one's sessions, which logins may make as long as they like: in pages, at a cost that stays."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from accounts.models import Session, User
from chassis.testing import failure_of
from chassis.testing.acts import next_link, pages, prepared
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.conftest import Persona, execute

URL = "/auth/sessions"

FILL = """
INSERT INTO accounts_session (id, user_id, rotation, user_agent, created_at, rotated_at, expires_at)
SELECT gen_random_uuid(), %s, 0, '', now() - n * interval '1 minute', now(), now() + interval '1 day'
FROM generate_series(1, %s) AS n
"""


def give_sessions(user: User, number: int) -> None:
    """Sign somebody in this many times, a minute apart, the last time a minute ago."""
    execute(FILL, user.pk, number)


def test_every_session_is_on_one_page_newest_first(alice: Persona, bob: Persona) -> None:
    give_sessions(alice.user, 6)
    give_sessions(bob.user, 3)
    # Two of one time, so that a page ends between them.
    oldest = alice.user.sessions.order_by("created_at")[:2]
    Session.objects.filter(pk__in=[session.pk for session in oldest]).update(created_at=oldest[0].created_at)

    walked = list(pages(alice.client, f"{URL}?page_size=2"))

    assert [len(page) for page in walked] == [2, 2, 2, 1]
    expected = alice.user.sessions.order_by("-created_at", "-id").values_list("pk", flat=True)
    assert [row["id"] for page in walked for row in page] == [str(pk) for pk in expected]


def test_a_page_holds_fifty_and_says_where_the_next_is(alice: Persona) -> None:
    give_sessions(alice.user, 50)

    first = alice.client.get(URL)
    body = first.json()

    assert (len(body["data"]), body["meta"]["page_size"]) == (50, 50)
    assert body["meta"]["next"] == next_link(first)
    last = alice.client.get(body["meta"]["next"])
    assert (len(last.json()["data"]), last.json()["meta"]["next"], next_link(last)) == (1, None, None)


def test_the_current_session_is_marked_on_whatever_page_it_is(alice: Persona) -> None:
    give_sessions(alice.user, 3)
    Session.objects.filter(pk=alice.session.pk).update(created_at=timezone.now() - timedelta(days=1))

    marks = [[row["is_current"] for row in page] for page in pages(alice.client, f"{URL}?page_size=2")]

    assert marks == [[False, False], [False, True]]


def test_sessions_that_come_or_go_shift_no_others(alice: Persona) -> None:
    give_sessions(alice.user, 4)
    expected = list(alice.user.sessions.order_by("-created_at").values_list("pk", flat=True))
    following = next_link(alice.client.get(f"{URL}?page_size=2"))
    assert following is not None

    Session.objects.filter(pk=expected[1]).revoke()
    Session.objects.open(alice.user)

    assert [row["id"] for row in alice.client.get(following).json()["data"]] == [str(pk) for pk in expected[2:4]]


def test_bob_with_alices_cursor_sees_his_own(alice: Persona, bob: Persona) -> None:
    give_sessions(alice.user, 3)
    give_sessions(bob.user, 3)
    following = next_link(alice.client.get(f"{URL}?page_size=1"))
    assert following is not None

    rows = bob.client.get(following).json()["data"]

    assert [row["id"] for row in rows] == [str(bob.user.sessions.order_by("-created_at")[1].pk)]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("page_size=0", "page_size"),
        ("page_size=101", "page_size"),
        ("page_size=", "page_size"),
        ("page_size=1&page_size=2", "page_size"),
        ("cursor=x", "cursor"),
        ("cursor=%2B", "cursor"),
        ("ordering=created_at", "ordering"),
    ],
)
def test_a_wrong_parameter_is_named(alice: Persona, query: str, name: str) -> None:
    response = alice.client.get(f"{URL}?{query}")

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == [name]


def test_a_page_is_one_query_after_the_token_s(
    alice: Persona, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert alice.is_signed_in()  # The first use of a token is noted.

    with django_assert_num_queries(2):
        alice.client.get(URL)


@pytest.mark.parametrize("accounts", [1, 10, 100, 1000, 10_000])
def test_a_page_is_read_from_its_index_at_any_depth(alice: Persona, bob: Persona, accounts: int) -> None:
    """A prepared statement is planned for an account of average size, and an account need not be average."""
    # A table cannot be altered while rows wait for a deferred constraint.
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    # What other tests have left in the table's files would be planned for too.
    execute("TRUNCATE accounts_session CASCADE")
    alice.session.save(force_insert=True)
    # Of a few thousand it may be cheaper to read all.
    give_sessions(alice.user, 12_000)
    give_sessions(bob.user, 12_000)
    execute(f"ALTER TABLE accounts_session ALTER user_id SET (n_distinct = {accounts})")
    execute("ANALYZE accounts_session")

    following: str | None = URL
    for depth in range(4):
        assert following is not None
        scan, following = planned(alice, following)
        assert (scan["Node Type"], scan["Index Name"]) == ("Index Scan", "session_created")
        assert bool(re.search(r"\bid\)? <", scan["Index Cond"])) == (depth > 0)


def planned(persona: Persona, url: str) -> tuple[dict[str, Any], str | None]:
    """Get a page; return how PostgreSQL finds its rows once the statement is prepared, and where the next page is."""
    statement, response = prepared(persona.client, url)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {statement}")
        ((plan,),) = cursor.fetchall()
    (scan,) = plan[0]["Plan"]["Plans"]
    return scan, next_link(response)
