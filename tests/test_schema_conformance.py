"""The OpenAPI document is true: whatever Schemathesis makes of it is answered as documented, and never with a 5xx."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import GATEWAY_URL, Persona
from tests.documented import assert_documented

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
    # Of calls that follow from one another, by an id or a Location.
    "ensure_resource_availability",
    "use_after_free",
)
PHASES = "examples,coverage,fuzzing"
# These end the session that the others need.
ENDS_THE_SESSION = r"^/auth/(logout|sessions|me)"
KEEPS_THE_SESSION = r"^/auth/(login|password|refresh|register|validate-token)"


def run_schemathesis(prefix: str, persona: Persona, tmp_path: Path, *options: str, phases: str = PHASES) -> str:
    """Call operations as somebody; return Schemathesis's own report, and fail with it."""
    command = [str(Path(sys.executable).with_name("st")), "run", f"{GATEWAY_URL}/openapi.json"]
    command += ["--include-path-regex", f"^/{prefix}(/|$)"]
    command += ["--header", f"Authorization: Bearer {persona.token}", "--checks", ",".join(CHECKS)]
    command += ["--phases", phases, "--max-examples", "15", "--warnings", "off", "--no-color", *options]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No operations" not in result.stdout
    return result.stdout


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [("/tasks", 400, "teapot"), ("/tasks", 418, "not_found"), (f"/tasks/{'0' * 36}", 404, "user_not_found")],
)
def test_no_answer_of_this_suite_has_a_code_that_is_not_documented(path: str, status: int, code: str) -> None:
    with pytest.raises(AssertionError, match=f"GET {path} answered {status} {code}"):
        assert_documented("GET", path, status, code)


def test_every_timestamp_of_every_service_has_six_digits(alice: Persona) -> None:
    task = alice.client.post("/tasks", json={"title": "x", "due_at": "2030-01-01T00:00:00Z"}).json()["data"]
    alice.client.post("/users/createprofile", json={"full_name": "Alice"})
    shown: tuple[str, ...] = (
        "/auth/me",
        "/auth/sessions",
        "/tasks",
        f"/tasks/{task['id']}",
        "/tasks/tasks",
        f"/tasks/tasks/{task['id']}",
    )
    shown += ("/users/me", "/users/me/tasks", f"/users/users/{alice.id}", f"/users/users/{alice.id}/tasks")
    answers = [alice.client.get(path) for path in shown]
    answers.append(alice.client.post("/auth/validate-token", json={"token": alice.token}))

    for answer in answers:
        moments = re.findall(r'"\w+(?:_at|At)":"([^"]*)"', answer.text)
        assert moments, answer.text
        assert [each for each in moments if not re.fullmatch(r"[\d-]{10}T[\d:]{8}\.\d{6}Z", each)] == []


@pytest.mark.parametrize("prefix", ["tasks", "users"])
def test_a_service_answers_as_its_schema_says(prefix: str, alice: Persona, tmp_path: Path) -> None:
    run_schemathesis(prefix, alice, tmp_path)


def test_a_service_answers_staff_as_its_schema_says(staff: Persona, tmp_path: Path) -> None:
    run_schemathesis("users", staff, tmp_path)


def test_auth_answers_as_its_schema_says(alice: Persona, tmp_path: Path) -> None:
    run_schemathesis("auth", alice, tmp_path, "--exclude-path-regex", ENDS_THE_SESSION)


def test_what_ends_a_session_answers_as_its_schema_says(bob: Persona, tmp_path: Path) -> None:
    run_schemathesis("auth", bob, tmp_path, "--exclude-path-regex", KEEPS_THE_SESSION)


def test_what_one_call_makes_the_next_one_finds_as_the_schema_says(alice: Persona, tmp_path: Path) -> None:
    report = run_schemathesis("(tasks|users)", alice, tmp_path, "--max-examples", "100", phases="stateful")

    assert re.search(r"API Links: +[1-9]\d* covered", report), report


def test_the_links_of_the_document_lead_to_what_was_made(alice: Persona, tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text("[phases.stateful.inference]\nalgorithms = []\n")

    report = run_schemathesis("(tasks|users)", alice, tmp_path, "--max-examples", "100", phases="stateful")

    assert re.search(r"API Links: +[1-9]\d* covered / 12 selected", report), report
