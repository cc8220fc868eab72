from __future__ import annotations

from collections.abc import Callable

import pytest
from chassis.clients import Answer
from chassis.exceptions import ServiceUnavailable
from chassis.memory import StaleCache
from rest_framework.exceptions import NotFound

from tests.conftest import Clock


@pytest.fixture
def cache(clock: Clock) -> StaleCache[str, str]:
    """A cache of two values, of whose key each is the capital."""
    cache: StaleCache[str, str] = StaleCache(2, stale_seconds=60)
    for key in ("a", "b"):
        cache.set(key, key.upper(), asked=clock.monotonic(), max_age=5)
    return cache


def test_a_value_is_fresh_and_then_stale_and_then_gone(cache: StaleCache[str, str], clock: Clock) -> None:
    found = []
    for seconds in (4, 2, 58, 2):
        clock.advance(seconds)
        found.append((cache.get("a"), cache.get("a", stale=True)))

    assert found == [("A", "A"), (None, "A"), (None, "A"), (None, None)]


def test_the_age_of_a_value_counts_from_the_question(cache: StaleCache[str, str], clock: Clock) -> None:
    asked = clock.monotonic()
    clock.advance(6)
    cache.set("a", "new", asked=asked, max_age=5)

    assert cache.get("a") is None
    assert cache.get("a", stale=True) == "new"


@pytest.mark.parametrize(("lifetime", "stale"), [(3, None), (20, "new")], ids=["while fresh", "while stale"])
def test_no_value_outlives_its_lifetime(
    cache: StaleCache[str, str], clock: Clock, lifetime: float, stale: str | None
) -> None:
    cache.set("a", "new", asked=clock.monotonic(), max_age=5, lifetime=lifetime)

    clock.advance(4)
    assert cache.get("a", stale=True) == stale
    clock.advance(17)
    assert cache.get("a", stale=True) is None


def test_what_may_not_be_remembered_ends_what_was(cache: StaleCache[str, str], clock: Clock) -> None:
    cache.set("a", "new", asked=clock.monotonic(), max_age=0)

    assert cache.get("a", stale=True) is None


def test_what_is_forgotten_is_gone_and_may_be_forgotten_again(cache: StaleCache[str, str]) -> None:
    for _ in range(2):
        cache.forget("a")

    assert (cache.get("a", stale=True), cache.get("b")) == (None, "B")


def test_a_new_value_takes_the_place_of_the_one_used_least_recently(cache: StaleCache[str, str], clock: Clock) -> None:
    cache.get("a")

    cache.set("c", "C", asked=clock.monotonic(), max_age=5)

    assert [cache.get(key) for key in "abc"] == ["A", None, "C"]


OUTAGE = ServiceUnavailable("away")


def answering(body: str | ServiceUnavailable, max_age: int = 5) -> Callable[[], Answer]:
    """Return a call that is answered so."""

    def call() -> Answer:
        if isinstance(body, ServiceUnavailable):
            raise body
        return Answer(200, {"Cache-Control": f"max-age={max_age}"}, body)

    return call


def read(answer: Answer) -> str:
    if answer.body == "gone":
        raise NotFound
    return str(answer.body)


def test_an_answer_takes_the_place_of_what_was_remembered(cache: StaleCache[str, str]) -> None:
    assert cache.ask("a", answering("new"), read) == "new"
    assert cache.get("a") == "new"


def test_an_outage_is_answered_with_a_stale_value_if_that_is_allowed(cache: StaleCache[str, str], clock: Clock) -> None:
    clock.advance(10)

    assert cache.ask("a", answering(OUTAGE), read) == "A"
    with pytest.raises(ServiceUnavailable):
        cache.ask("a", answering(OUTAGE), read, stale=False)
    with pytest.raises(ServiceUnavailable):
        cache.ask("unknown", answering(OUTAGE), read)


def test_an_answer_without_a_value_ends_what_was_remembered(cache: StaleCache[str, str]) -> None:
    with pytest.raises(NotFound):
        cache.ask("a", answering("gone"), read)

    assert cache.get("a", stale=True) is None


def test_a_value_says_how_long_it_lives(cache: StaleCache[str, str], clock: Clock) -> None:
    cache.ask("a", answering("new", max_age=60), read, lifetime=lambda value: len(value))

    clock.advance(2)
    assert cache.get("a") == "new"
    clock.advance(2)
    assert cache.get("a", stale=True) is None
