from __future__ import annotations

import pytest
from chassis.memory import Memory

from tests.conftest import Clock


@pytest.fixture
def memory(clock: Clock) -> Memory[str, str]:
    """The memory of two values, of whose key each is the capital."""
    memory: Memory[str, str] = Memory(2, stale_seconds=60)
    for key in ("a", "b"):
        memory.remember(key, key.upper(), asked=clock.monotonic(), max_age=5)
    return memory


def test_a_value_is_fresh_and_then_stale_and_then_gone(memory: Memory[str, str], clock: Clock) -> None:
    recalled = []
    for seconds in (4, 2, 58, 2):
        clock.advance(seconds)
        recalled.append((memory.recall("a"), memory.recall("a", stale=True)))

    assert recalled == [("A", "A"), (None, "A"), (None, "A"), (None, None)]


def test_the_age_of_a_value_counts_from_the_question(memory: Memory[str, str], clock: Clock) -> None:
    asked = clock.monotonic()
    clock.advance(6)
    memory.remember("a", "new", asked=asked, max_age=5)

    assert memory.recall("a") is None
    assert memory.recall("a", stale=True) == "new"


@pytest.mark.parametrize(("lifetime", "stale"), [(3, None), (20, "new")], ids=["while fresh", "while stale"])
def test_no_value_outlives_its_lifetime(
    memory: Memory[str, str], clock: Clock, lifetime: float, stale: str | None
) -> None:
    memory.remember("a", "new", asked=clock.monotonic(), max_age=5, lifetime=lifetime)

    clock.advance(4)
    assert memory.recall("a", stale=True) == stale
    clock.advance(17)
    assert memory.recall("a", stale=True) is None


def test_what_may_not_be_remembered_ends_what_was(memory: Memory[str, str], clock: Clock) -> None:
    memory.remember("a", "new", asked=clock.monotonic(), max_age=0)

    assert memory.recall("a", stale=True) is None


def test_what_is_forgotten_is_gone_and_may_be_forgotten_again(memory: Memory[str, str]) -> None:
    for _ in range(2):
        memory.forget("a")

    assert (memory.recall("a", stale=True), memory.recall("b")) == (None, "B")


def test_a_new_value_takes_the_place_of_the_one_used_least_recently(memory: Memory[str, str], clock: Clock) -> None:
    memory.recall("a")

    memory.remember("c", "C", asked=clock.monotonic(), max_age=5)

    assert [memory.recall(key) for key in "abc"] == ["A", None, "C"]
