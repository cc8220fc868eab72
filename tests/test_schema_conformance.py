"""Each OpenAPI document is true: whatever Schemathesis makes of it is answered as documented, and never with a 5xx."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import GATEWAY_URL, Persona

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)
PHASES = "examples,coverage,fuzzing"
# These end the session that the others need.
ENDS_THE_SESSION = r"^/auth/(logout|sessions|me)"


def run_schemathesis(prefix: str, persona: Persona, tmp_path: Path, *options: str) -> None:
    """Call the operations of one service as somebody; fail with Schemathesis's own report."""
    command = [str(Path(sys.executable).with_name("st")), "run", f"{GATEWAY_URL}/{prefix}/schema"]
    command += ["--header", f"Authorization: Bearer {persona.token}", "--checks", ",".join(CHECKS)]
    command += ["--phases", PHASES, "--max-examples", "15", "--warnings", "off", "--no-color", *options]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No operations" not in result.stdout


@pytest.mark.parametrize("prefix", ["tasks", "users"])
def test_a_service_answers_as_its_schema_says(prefix: str, alice: Persona, tmp_path: Path) -> None:
    run_schemathesis(prefix, alice, tmp_path)


def test_a_service_answers_staff_as_its_schema_says(staff: Persona, tmp_path: Path) -> None:
    run_schemathesis("users", staff, tmp_path)


def test_auth_answers_as_its_schema_says(alice: Persona, tmp_path: Path) -> None:
    run_schemathesis("auth", alice, tmp_path, "--exclude-path-regex", ENDS_THE_SESSION)


def test_what_ends_a_session_answers_as_its_schema_says(bob: Persona, tmp_path: Path) -> None:
    run_schemathesis("auth", bob, tmp_path, "--include-path-regex", ENDS_THE_SESSION)
