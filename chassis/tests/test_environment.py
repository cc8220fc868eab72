from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from chassis.environment import Env

env = Env()


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set environment variables for one test, where None means that there is none."""

    def give(**variables: str | None) -> None:
        for name, value in variables.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return give


def exit_of(read: Callable[[], Any]) -> str:
    """Check that reading a setting ends the process with one line; return it."""
    with pytest.raises(SystemExit) as ended:
        read()
    line = str(ended.value.code)
    assert line.startswith("Setting ")
    assert "\n" not in line
    return line


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


def test_a_mail_server_is_read_from_its_url(given: Callable[..., None]) -> None:
    given(THE_MAIL="smtp+tls://user:pass@mail.example.com:587")

    mail = env.email("THE_MAIL", default="consolemail://")

    assert (mail["EMAIL_HOST"], mail["EMAIL_PORT"], mail["EMAIL_USE_TLS"]) == ("mail.example.com", 587, True)


def test_mails_may_be_files_in_a_folder(given: Callable[..., None]) -> None:
    given(THE_MAIL="filemail:///srv/the%20mails")

    mail = env.email("THE_MAIL", default="consolemail://")

    assert mail["EMAIL_BACKEND"] == "django.core.mail.backends.filebased.EmailBackend"
    assert mail["EMAIL_FILE_PATH"] == "/srv/the mails"


@pytest.mark.parametrize("url", ["nonsense", "carrier-pigeon://host", "smtp://user:hunter2@host:port"])
def test_a_mail_server_that_is_none_is_one_line_without_its_password(given: Callable[..., None], url: str) -> None:
    given(THE_MAIL=url)

    line = exit_of(lambda: env.email("THE_MAIL", default="consolemail://"))
    assert "THE_MAIL is not valid" in line
    assert "hunter2" not in line


@pytest.mark.parametrize(("value", "on"), [("true", True), ("Yes", True), ("1", True), ("off", False), ("", False)])
def test_a_switch_is_on_or_off(given: Callable[..., None], value: str, on: bool) -> None:
    given(SWITCH=value)

    assert env.bool("SWITCH", default=False) is on


def test_a_switch_that_is_neither_on_nor_off_ends_the_process(given: Callable[..., None]) -> None:
    given(SWITCH="perhaps")

    assert exit_of(lambda: env.bool("SWITCH")) == "Setting SWITCH is not valid: it is true or false."


LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize(
    ("site", "more", "hosts"),
    [
        (None, None, []),
        ("", "", []),
        (":8000", None, []),
        ("tasks.example.com", None, ["tasks.example.com"]),
        ("tasks.example.com:8443", None, ["tasks.example.com"]),
        ("https://tasks.example.com", None, ["tasks.example.com"]),
        ("http://tasks.example.com:80", "a.test,b.test", ["tasks.example.com", "a.test", "b.test"]),
    ],
)
def test_a_service_answers_to_its_own_names_only(
    given: Callable[..., None], site: str | None, more: str | None, hosts: list[str]
) -> None:
    given(SITE_ADDRESS=site, ALLOWED_HOSTS=more)

    assert env.allowed_hosts("task-svc") == ["task-svc", *LOOPBACK, *hosts]


def test_the_insides_of_errors_are_for_developers_alone(given: Callable[..., None]) -> None:
    given(DEBUG_PAGES=None, SITE_ADDRESS="tasks.example.com")
    assert env.debug_pages() is False

    given(DEBUG_PAGES="true")
    assert "SITE_ADDRESS" in exit_of(env.debug_pages)

    given(SITE_ADDRESS=None)
    assert env.debug_pages() is True


@pytest.mark.parametrize("name", ["https://a.test", "a.test/path", "a.test:8000", "a test", "a.test;b.test", ".."])
def test_what_is_no_host_ends_the_process(given: Callable[..., None], name: str) -> None:
    given(SITE_ADDRESS=None, ALLOWED_HOSTS=f"good.test, {name}")

    assert exit_of(env.allowed_hosts).endswith(f"is not valid: {name} is not a name or an address.")


@pytest.mark.parametrize(
    ("site", "secure"),
    [
        (None, False),
        ("", False),
        (":8000", False),
        ("http://tasks.example.com", False),
        ("tasks.example.com", True),
        ("https://tasks.example.com", True),
    ],
)
def test_a_bare_domain_is_served_by_https(given: Callable[..., None], site: str | None, secure: bool) -> None:
    given(SITE_ADDRESS=site)

    assert env.tls() is secure


def test_a_database_is_read_from_its_url_with_settings_of_its_sessions(given: Callable[..., None]) -> None:
    given(DATABASE_URL="postgres://user:p%40ss@db:5433/task_db?sslmode=require")

    config = env.database(random_page_cost="1.1")

    assert (config["USER"], config["PASSWORD"], config["HOST"], config["PORT"]) == ("user", "p@ss", "db", 5433)
    assert config["OPTIONS"]["sslmode"] == "require"
    assert config["ROLE_SETTINGS"] == {"statement_timeout": "5s", "random_page_cost": "1.1"}
    # A pooler refuses settings of a session.
    assert "options" not in config["OPTIONS"]


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://user:hunter2@db/task_db", "postgres://user:hunter2@db:port/task_db", "postgres://db"]
)
def test_a_database_that_is_none_is_one_line_without_its_password(given: Callable[..., None], url: str) -> None:
    given(DATABASE_URL=url)

    line = exit_of(env.database)
    assert "DATABASE_URL is not valid" in line
    assert "hunter2" not in line
