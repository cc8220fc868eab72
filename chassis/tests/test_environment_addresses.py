"""Settings that say where something is: hosts, the mail server, the database."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.variables import env, exit_of


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


LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize(
    ("site", "more", "hosts"),
    [
        (None, None, []),
        ("", "", []),
        (":8000", None, []),
        ("tasks.example.com", None, ["tasks.example.com"]),
        ("tasks.example.com:8443", None, ["tasks.example.com"]),
        ("https://[2001:db8::1]", None, ["[2001:db8::1]"]),
        ("https://[2001:db8::1]:8443", None, ["[2001:db8::1]"]),
        ("https://tasks.example.com", None, ["tasks.example.com"]),
        ("http://tasks.example.com:80", "a.test,b.test", ["tasks.example.com", "a.test", "b.test"]),
    ],
)
def test_a_service_answers_to_its_own_names_only(
    given: Callable[..., None], site: str | None, more: str | None, hosts: list[str]
) -> None:
    given(SITE_ADDRESS=site, ALLOWED_HOSTS=more)

    assert env.allowed_hosts("task-svc") == ["task-svc", *LOOPBACK, *hosts]


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
