from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks
from pytest_django import Settings

KEY = "k" * 64
GOOD = {
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "SECRET_KEY": KEY,
    "SERVICE_KEY": KEY,
    "JWT_SIGNING_KEY": KEY,
    "TASK_SERVICE_URL": "http://127.0.0.1:1",
    "USER_SERVICE_URL": "http://127.0.0.1:1",
    "LOG_LEVEL": "ERROR",
}


def check(**changes: str | None) -> subprocess.CompletedProcess[str]:
    """Run `manage.py check` with these settings and no others; None takes one away."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    command = [sys.executable, "manage.py", "check"]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=inherited | given, capture_output=True, text=True)


def test_the_documented_settings_are_enough() -> None:
    result = check()

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"JWT_SIGNING_KEY": None}, "Setting JWT_SIGNING_KEY (or JWT_SIGNING_KEY_FILE) is missing"),
        ({"JWT_SIGNING_KEY": ""}, "Setting JWT_SIGNING_KEY is too weak: it needs at least 32 bytes"),
        ({"JWT_SIGNING_KEY": "short"}, "Setting JWT_SIGNING_KEY is too weak: it needs at least 32 bytes"),
        ({"JWT_SIGNING_KEY": "k" * 63, "JWT_ALGORITHM": "HS512"}, "Setting JWT_SIGNING_KEY is too weak: it needs at l"),
        ({"JWT_SIGNING_KEY": None, "JWT_SIGNING_KEY_FILE": "/nowhere"}, "Setting JWT_SIGNING_KEY is not valid"),
        ({"JWT_PREVIOUS_KEY": "short"}, "Setting JWT_PREVIOUS_KEY is too weak"),
        ({"JWT_ALGORITHM": "none"}, "Setting JWT_ALGORITHM is not valid: it is one of HS256, HS384, HS512"),
        ({"JWT_ALGORITHM": "RS256"}, "Setting JWT_ALGORITHM is not valid"),
        ({"SERVICE_KEY": ""}, "Setting SERVICE_KEY is too weak"),
        ({"SECRET_KEY": ""}, "Setting SECRET_KEY is too weak"),
        ({"LOGIN_RATE": "many"}, "Setting LOGIN_RATE is not valid: write it like 5/minute"),
        ({"LOGIN_RATE": "0/minute"}, "Setting LOGIN_RATE is not valid"),
        ({"LOGIN_RATE": "5/fortnight"}, "Setting LOGIN_RATE is not valid"),
        ({"ACCESS_TOKEN_EXPIRE_MINUTES": "an hour"}, "Setting ACCESS_TOKEN_EXPIRE_MINUTES is not valid"),
        ({"DATABASE_URL": None}, "Setting DATABASE_URL (or DATABASE_URL_FILE) is missing"),
    ],
    ids=lambda value: (
        "-".join(f"{name}={text}"[:30] for name, text in value.items()) if isinstance(value, dict) else ""
    ),
)
def test_a_wrong_setting_ends_the_start_with_one_clear_line(changes: dict[str, str | None], complaint: str) -> None:
    result = check(**changes)

    assert result.returncode == 1
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith(complaint)


def test_a_secret_does_not_reach_the_complaint() -> None:
    assert "hunter2" not in check(JWT_SIGNING_KEY="hunter2").stderr


def test_a_key_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(KEY)

    assert check(JWT_SIGNING_KEY=None, JWT_SIGNING_KEY_FILE=str(path)).returncode == 0


@pytest.mark.parametrize(("strict", "warnings"), [(True, []), (False, ["accounts.W001"])])
def test_a_deployment_is_warned_while_common_passwords_are_accepted(
    settings: Settings, strict: bool, warnings: list[str]
) -> None:
    settings.PASSWORD_REJECT_COMMON = strict

    found = run_checks(tags=["security"], include_deployment_checks=True)

    assert [message.id for message in found if str(message.id).startswith("accounts.")] == warnings


def test_the_warning_is_for_deployments_only(settings: Settings) -> None:
    settings.PASSWORD_REJECT_COMMON = False

    assert not [message for message in run_checks(tags=["security"]) if message.id == "accounts.W001"]
