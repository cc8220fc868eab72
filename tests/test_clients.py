"""The generated clients, and the examples of the documentation, against the running system."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local import clients
from local.services import ROOT
from tests.conftest import GATEWAY_URL

WORKFLOWS = ("accounts", "resources", "paging", "if_match", "idempotency", "throttled")


def run(*command: str | Path) -> str:
    """Run a program with a client; return what it prints, and fail with it."""
    settings = {"GATEWAY_URL": GATEWAY_URL, "PYTHONPATH": str(clients.PYTHON)}
    result = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def compiled() -> Path:
    """Where the compiled programs of the TypeScript client are."""
    if not (clients.has_node() and clients.install_node_modules()):
        pytest.skip(f"The TypeScript client cannot run: {clients.NO_NODE}")
    clients.build_typescript()
    return clients.TYPESCRIPT / "build"


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_python_client_runs_the_workflow(workflow: str) -> None:
    run(sys.executable, clients.PYTHON / "examples" / "workflows.py", workflow)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_the_typescript_client_runs_the_workflow(workflow: str, compiled: Path) -> None:
    run("node", compiled / "workflows.js", workflow)


def test_the_example_in_curl_completes_its_task() -> None:
    assert run(ROOT / "clients" / "curl" / "examples" / "task.sh") == "Buy milk completed\n"


def test_the_example_in_python_completes_its_task() -> None:
    assert run(sys.executable, clients.PYTHON / "examples" / "task.py") == "Buy milk completed\n"


def test_the_example_in_typescript_completes_its_task(compiled: Path) -> None:
    assert run("node", compiled / "task.js") == "Buy milk completed\n"
