"""PostgreSQL refuses to run as root: what root does where there are user namespaces, where there are none, and else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.stack import Stack
from local.tests.installation import Installation

# The kernel makes no user namespace in a chroot.
CHROOT = ["unshare", "--mount", "sh", "-c", 'mount --rbind / "$0" && exec chroot "$0" "$@"']

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="This is about root.")


@pytest.fixture
def chroot(tmp_path: Path) -> list[str]:
    """The command before another one that runs it where root can make no user namespace."""
    command = [*CHROOT, str(tmp_path)]
    if subprocess.run([*command, "true"], capture_output=True).returncode:
        pytest.skip("Here root cannot make a chroot.")
    assert subprocess.run([*command, "unshare", "--user", "true"], capture_output=True).returncode
    return command


@pytest.fixture(params=[0o700, 0o755], ids=["a private place", "a public place"])
def installation(request: pytest.FixtureRequest) -> Iterator[Installation]:
    made = Installation()
    made.folder.chmod(request.param)
    try:
        yield made
    finally:
        made.remove()


def test_root_starts_postgresql_twice_without_user_namespaces(installation: Installation, chroot: list[str]) -> None:
    installation.before = chroot
    mode = installation.folder.stat().st_mode

    for _ in range(2):
        installation.up_database()
        postgres = Stack(installation.config()).supervisor.program("postgres")["pid"]
        assert Path(f"/proc/{postgres}").stat().st_uid not in (0, os.getuid())
        assert installation.run("down").returncode == 0

    # Nothing is opened to others.
    assert installation.folder.stat().st_mode == mode
    assert installation.data_dir.stat().st_mode & 0o777 == 0o700


def test_a_cluster_may_move_between_places_with_and_without_user_namespaces(
    installation: Installation, chroot: list[str]
) -> None:
    for before in ([], chroot, []):
        installation.before = before
        installation.up_database()
        assert installation.run("down").returncode == 0


def test_root_is_refused_in_one_line_where_it_cannot_be_another_user(
    installation: Installation, tmp_path: Path
) -> None:
    for program in ("unshare", "setpriv"):
        (tmp_path / program).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / program).chmod(0o755)

    refused = installation.run("up", PATH=f"{tmp_path}:{os.environ['PATH']}")

    assert refused.returncode == 1
    assert refused.stdout.startswith("manage_all.sh: PostgreSQL refuses to run as root, and here root can neither")
    assert refused.stdout.count("\n") == 1
    assert not installation.data_dir.exists()
