from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.variables import env, exit_of


def test_a_missing_setting_ends_the_process_with_one_line(given: Callable[..., None]) -> None:
    given(THE_THING=None, THE_THING_FILE=None)

    assert exit_of(lambda: env.str("THE_THING")) == (
        "Setting THE_THING (or THE_THING_FILE) is missing from the environment."
    )


def test_a_setting_may_come_from_a_file(given: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    given(FILED_THING=None, FILED_THING_FILE=str(tmp_path / "secret"))

    assert env.str("FILED_THING") == "from the file"


def test_a_given_setting_goes_before_its_file(given: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file")
    given(BOTH_THING="given", BOTH_THING_FILE=str(tmp_path / "secret"))

    assert env.str("BOTH_THING") == "given"


def test_an_empty_setting_leaves_it_to_its_file(given: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file")
    given(EMPTY_THING="", EMPTY_THING_FILE=str(tmp_path / "secret"))

    assert env.str("EMPTY_THING") == "from the file"


def test_a_file_that_cannot_be_read_is_one_line(given: Callable[..., None], tmp_path: Path) -> None:
    given(LOST_THING=None, LOST_THING_FILE=str(tmp_path / "nowhere"))

    assert "LOST_THING" in exit_of(lambda: env.str("LOST_THING"))


@pytest.mark.parametrize("value", ["five", "1.5", "5s"])
def test_a_number_that_is_none_is_one_line(given: Callable[..., None], value: str) -> None:
    given(THE_NUMBER=value)

    assert "THE_NUMBER is not valid" in exit_of(lambda: env.int("THE_NUMBER", default=5))


@pytest.mark.parametrize("value", ["0", "-1", "two", "1000001"])
def test_a_count_that_is_none_is_one_line(given: Callable[..., None], value: str) -> None:
    given(THE_COUNT=value)

    assert "THE_COUNT is not valid" in exit_of(lambda: env.count("THE_COUNT", default=5))


@pytest.mark.parametrize(("value", "count"), [("1", 1), ("12", 12), (None, 5)])
def test_a_count_is_at_least_one(given: Callable[..., None], value: str | None, count: int) -> None:
    given(THE_COUNT=value)

    assert env.count("THE_COUNT", default=5) == count


def test_a_count_may_start_elsewhere(given: Callable[..., None]) -> None:
    given(THE_COUNT="0")
    assert env.count("THE_COUNT", default=5, least=0) == 0

    given(THE_COUNT="-1")
    assert exit_of(lambda: env.count("THE_COUNT", default=5, least=0)).endswith("it is from 0 to 1000000.")


def test_a_default_serves_where_nothing_is_given(given: Callable[..., None]) -> None:
    given(THE_NUMBER=None)

    assert env.int("THE_NUMBER", default=5) == 5


@pytest.mark.parametrize("key", ["", "short", "ü" * 15])
def test_a_weak_key_is_one_line_that_does_not_show_it(given: Callable[..., None], key: str) -> None:
    given(THE_KEY=key)

    line = exit_of(lambda: env.key("THE_KEY", min_bytes=32))
    assert "THE_KEY" in line
    assert not key or key not in line


@pytest.mark.parametrize("key", ["k" * 32, "ü" * 16])
def test_a_key_of_enough_bytes_is_taken(given: Callable[..., None], key: str) -> None:
    given(THE_KEY=key)

    assert env.key("THE_KEY", min_bytes=32) == key


def test_a_key_that_is_not_needed_may_be_missing_but_not_weak(given: Callable[..., None]) -> None:
    given(THE_KEY=None)
    assert env.key("THE_KEY", min_bytes=32, default="") == ""
    given(THE_KEY="")
    assert env.key("THE_KEY", min_bytes=32, default="") == ""

    given(THE_KEY="short")
    assert "too weak" in exit_of(lambda: env.key("THE_KEY", min_bytes=32, default=""))


def test_a_choice_is_one_of_its_words(given: Callable[..., None]) -> None:
    given(THE_CHOICE=None)
    assert env.choice("THE_CHOICE", ["a", "b"], default="a") == "a"
    given(THE_CHOICE="b")
    assert env.choice("THE_CHOICE", ["a", "b"], default="a") == "b"

    given(THE_CHOICE="none")
    assert exit_of(lambda: env.choice("THE_CHOICE", ["a", "b"], default="a")).endswith("it is one of a, b.")


@pytest.mark.parametrize(
    ("value", "limit", "window"),
    [
        ("5/second", 5, timedelta(seconds=1)),
        ("60/minute", 60, timedelta(minutes=1)),
        ("1/hour", 1, timedelta(hours=1)),
        ("1000/day", 1000, timedelta(days=1)),
    ],
)
def test_a_rate_is_so_many_in_so_long(given: Callable[..., None], value: str, limit: int, window: timedelta) -> None:
    given(THE_RATE=value)

    assert env.rate("THE_RATE", default="9/day") == (limit, window)


@pytest.mark.parametrize("value", ["5", "5/", "/minute", "0/minute", "-1/minute", "1.5/minute", "5/minutes", "5 /day"])
def test_a_rate_that_is_none_is_one_line(given: Callable[..., None], value: str) -> None:
    given(THE_RATE=value)

    assert exit_of(lambda: env.rate("THE_RATE", default="9/day")).endswith("write it like 9/day.")


def test_a_log_is_for_programs_or_for_readers(given: Callable[..., None]) -> None:
    given(LOG_FORMAT=None)
    assert env.log_format() == "json"

    given(LOG_FORMAT="xml")
    assert "LOG_FORMAT is not valid: it is one of json, text." in exit_of(env.log_format)


def test_a_log_level_is_one_of_the_standard_names(given: Callable[..., None]) -> None:
    given(LOG_LEVEL=None)
    assert env.log_level() == "INFO"

    given(LOG_LEVEL="debug")
    assert "LOG_LEVEL is not valid: it is one of DEBUG, INFO," in exit_of(env.log_level)


@pytest.mark.parametrize(("value", "on"), [("true", True), ("Yes", True), ("1", True), ("off", False), ("", False)])
def test_a_switch_is_on_or_off(given: Callable[..., None], value: str, on: bool) -> None:
    given(SWITCH=value)

    assert env.bool("SWITCH", default=False) is on


def test_a_switch_that_is_neither_on_nor_off_ends_the_process(given: Callable[..., None]) -> None:
    given(SWITCH="perhaps")

    assert exit_of(lambda: env.bool("SWITCH")) == "Setting SWITCH is not valid: it is true or false."


def test_the_insides_of_errors_are_for_developers_alone(given: Callable[..., None]) -> None:
    given(DEBUG_PAGES=None, SITE_ADDRESS="tasks.example.com")
    assert env.debug_pages() is False

    given(DEBUG_PAGES="true")
    assert "SITE_ADDRESS" in exit_of(env.debug_pages)

    given(SITE_ADDRESS=None)
    assert env.debug_pages() is True
