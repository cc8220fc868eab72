"""What the first command installs, into a clone of its own: wherever it lies, and whatever an earlier try has left."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.services import ROOT
from local.tests.installation import NOT_IN_A_CLONE, Installation


@pytest.fixture
def installation() -> Iterator[Installation]:
    """A clone and a DATA_DIR with a space in their paths."""
    made = Installation()
    made.root = made.folder / "my clone"
    shutil.copytree(ROOT, made.root, ignore=NOT_IN_A_CLONE)
    del made.environment["DATA_DIR"]
    made.data_dir = made.root / ".data"
    made.environment["PYTHON"] = str(Path(sys.executable).resolve())
    try:
        yield made
    finally:
        made.remove()


def chassis_of(clone: Path) -> Path:
    command = [str(clone / ".venv" / "bin" / "python"), "-c", "import chassis; print(chassis.__file__)"]
    return Path(subprocess.check_output(command, text=True, cwd=clone).strip())


def test_a_clone_starts_with_a_space_in_its_path_after_a_half_made_venv_and_when_it_has_moved(
    installation: Installation,
) -> None:
    # What is left after `apt install python3-venv` was needed.
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", installation.root / ".venv"], check=True)

    # Two at once, as from two terminals.
    with ThreadPoolExecutor() as pool:
        other = pool.submit(installation.run, "env")
        installation.up()
    assert other.result().returncode == 0, other.result().stdout
    assert installation.ask("/auth/health")["status"] == "ok"

    made = (installation.root / ".venv" / "pyvenv.cfg").stat()
    link = installation.folder / "link"
    link.symlink_to(installation.root)
    installation.root = link
    assert installation.run("status").returncode == 0
    installation.root = link.resolve()
    assert (installation.root / ".venv" / "pyvenv.cfg").stat() == made

    assert installation.run("down").returncode == 0

    moved = installation.root.with_name("my other clone")
    installation.root.rename(moved)

    installation.root = moved
    again = installation.run("env")
    assert again.returncode == 0, again.stdout
    assert chassis_of(moved).is_relative_to(moved)


def test_who_has_installed_the_tests_has_installed_what_runs_the_system() -> None:
    def pinned(lock: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE))

    assert pinned("requirements-local.txt") < pinned("requirements-dev.txt") < pinned("requirements-failover.txt")


def test_a_python_that_is_none_is_one_line(installation: Installation) -> None:
    refused = installation.run("up", PYTHON="/bin/false")

    assert refused.returncode == 1
    assert refused.stdout == "manage_all.sh: PYTHON=/bin/false is no Python 3.11 or newer.\n"
