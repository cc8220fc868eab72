"""Settings that cannot be are refused before anything starts, in one line that names them."""

from __future__ import annotations

import pytest

from local.tests.installation import Installation


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"WEB_THREADS": "0"}, "WEB_THREADS=0 is not a number from 1 to 1000000."),
        ({"WEB_CONCURRENCY": "x"}, "WEB_CONCURRENCY=x is not a number from 1 to 1000000."),
        ({"GATEWAY_FILES": "63"}, "GATEWAY_FILES=63 is not a number from 64 to 1000000."),
        ({"GATEWAY_PORT": "65536"}, "GATEWAY_PORT=65536 is not a port."),
        (
            {"TASK_PORT": "9003", "USER_PORT": "9003"},
            "TASK_PORT and USER_PORT are both 9003; each needs a port of its own.",
        ),
        ({"BIND_ADDRESS": "localhost"}, "BIND_ADDRESS=localhost is not an IP address."),
        (
            {"TRUSTED_PROXIES": "192.0.2.1 10.0.0.0/33"},
            "TRUSTED_PROXIES: 10.0.0.0/33 is not an address, nor a network such as 10.0.0.0/8.",
        ),
        (
            {"TASK_DIRECT_DATABASE_URL": "postgres://a@b/c"},
            "TASK_DIRECT_DATABASE_URL needs TASK_DATABASE_URL, the pooler's.",
        ),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "localhost:4318"},
            "OTEL_EXPORTER_OTLP_ENDPOINT=localhost:4318 is not an address such as http://localhost:4318.",
        ),
        (
            {"OTEL_TRACES_SAMPLER": "some"},
            "OTEL_TRACES_SAMPLER=some is not one of parentbased_always_on, parentbased_traceidratio.",
        ),
        ({"OTEL_TRACES_SAMPLER_ARG": "10"}, "OTEL_TRACES_SAMPLER_ARG=10 is not a share from 0.0 to 1.0."),
        ({"GOGC": "much"}, "GOGC=much is not a percentage, such as 400, nor off."),
        (
            {"CORS_ORIGINS": "https://a.test,https://b.test/"},
            "CORS_ORIGINS: https://b.test/ is not an origin, such as https://app.example.com.",
        ),
        ({"CORS_ORIGINS": "*,https://a.test"}, "CORS_ORIGINS: * is not an origin, such as https://app.example.com."),
        ({"GOMEMLIMIT": "much"}, "gateway cannot start: fatal error: malformed GOMEMLIMIT; "),
        ({"SITE_ADDRESS": "tasks.test {"}, "auth-svc cannot start: Setting ALLOWED_HOSTS or SITE_ADDRESS is "),
        ({"SITE_ADDRESS": "tasks.test:x"}, "gateway cannot start: adapting config using caddyfile: "),
        (
            {"PASSWORD_REJECT_COMMON": "perhaps"},
            "auth-svc cannot start: Setting PASSWORD_REJECT_COMMON is not valid: it is true or false.",
        ),
        ({"USER_SECRET_KEY": "short"}, "user-svc cannot start: Setting USER_SECRET_KEY is too weak: "),
        ({"TASK_DATABASE_URL": "sqlite:///x"}, "task-svc cannot start: Setting TASK_DATABASE_URL is not valid: "),
        (
            {"ALLOWED_HOSTS": "https://a.test/"},
            "auth-svc cannot start: Setting ALLOWED_HOSTS or SITE_ADDRESS is not valid: ",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_a_setting_that_cannot_be_is_refused_before_anything_starts(
    installation: Installation, settings: dict[str, str], message: str
) -> None:
    refused = installation.run("up", **settings)

    assert refused.returncode == 1
    assert refused.stdout.startswith(f"manage_all.sh: {message}")
    assert refused.stdout.count("\n") == 1
    assert not (installation.data_dir / "postgres").exists()
    assert not installation.processes()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("WEB_TREADS=8", ".env, line 2: there is no setting WEB_TREADS; did you mean WEB_THREADS?"),
        ("NOTHING_LIKE_IT=1", ".env, line 2: there is no setting NOTHING_LIKE_IT; .env.example lists all."),
        ("WEB_THREADS: 8", ".env, line 2: write NAME=value, or # before a comment."),
    ],
)
def test_a_line_of_env_that_sets_nothing_is_refused(installation: Installation, line: str, message: str) -> None:
    (installation.folder / ".env").write_text(f"# Ours\n{line}\n")

    assert installation.run("up").stdout == f"manage_all.sh: {message}\n"


def test_an_env_file_may_hold_what_docker_compose_reads(installation: Installation) -> None:
    installation.configure(COMPOSE_FILE="compose.yaml", JWT_SIGNING_KEY_FILE="/run/key")

    assert installation.run("status").stdout == "Nothing runs; start it with `up`.\n"


def test_an_env_file_that_cannot_be_read_is_refused(installation: Installation) -> None:
    env = installation.folder / ".env"
    env.unlink()
    env.mkdir()

    assert installation.run("up").stdout == f"manage_all.sh: {env} cannot be read: Is a directory.\n"


def test_an_env_file_may_have_what_editors_put_into_it(installation: Installation) -> None:
    text = '\ufeffLOG_LEVEL="ERROR"\r\n  # A comment.\r\n   \r\nMAX_TASKS=5 \r\n'
    (installation.folder / ".env").write_bytes(text.encode())

    environment = installation.config().environment

    assert (environment["LOG_LEVEL"], environment["MAX_TASKS"]) == ("ERROR", "5")


@pytest.mark.parametrize(
    ("given", "listens", "reached"),
    [
        ({}, "127.0.0.1", "127.0.0.1"),
        ({"SITE_ADDRESS": "tasks.example.com"}, "", "127.0.0.1"),
        ({"SITE_ADDRESS": "tasks.example.com", "BIND_ADDRESS": "192.0.2.1"}, "192.0.2.1", "192.0.2.1"),
        ({"BIND_ADDRESS": "::"}, "::", "[::1]"),
        ({"BIND_ADDRESS": "::1"}, "::1", "[::1]"),
    ],
)
def test_the_gateway_is_open_to_others_only_where_that_is_asked_for(
    installation: Installation, given: dict[str, str], listens: str, reached: str
) -> None:
    installation.environment |= given
    config = installation.config()

    assert (config.bind_address, config.gateway_host) == (listens, reached)
