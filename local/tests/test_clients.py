"""The generated clients: compared with the document, shown in the documentation, and without Node.js left out."""

from __future__ import annotations

from pathlib import Path

import pytest

import chassis
from local import clients
from local.services import ROOT

SHOWN = sorted((ROOT / "clients").glob("*/examples/task.*"))


@pytest.fixture
def only_node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that is the whole PATH, with a Node.js that does not know its version yet."""
    for name in ("node", "npm"):
        (tmp_path / name).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path / "node"


@pytest.mark.parametrize(("version", "enough"), [("v20.19.0", True), ("v22.1.0", True), ("v18.20.4", False)])
def test_only_a_recent_node_is_used(only_node: Path, version: str, enough: bool) -> None:
    only_node.write_text(f"#!/bin/sh\necho {version}\n")

    assert clients.has_node() is enough


def test_without_npm_there_is_no_node(only_node: Path) -> None:
    only_node.with_name("npm").unlink()

    assert not clients.has_node()


def test_a_client_that_differs_in_one_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "added.py").touch()

    with pytest.raises(SystemExit, match=r"clients/python/task_manager_client is not what openapi\.json says"):
        clients.compare(tmp_path, clients.PYTHON / clients.PACKAGE)


def test_there_is_an_example_in_each_language() -> None:
    assert [path.suffix for path in SHOWN] == [".sh", ".py", ".ts"]


@pytest.mark.parametrize("example", SHOWN, ids=lambda path: path.name)
def test_the_documentation_shows_an_example_as_the_tests_run_it(example: Path) -> None:
    assert f"\n{example.read_text()}```\n" in (ROOT / "docs" / "api.md").read_text()


def test_the_python_client_has_the_version_of_the_api() -> None:
    assert f'\nversion = "{chassis.VERSION}"\n' in (clients.PYTHON / "pyproject.toml").read_text()
