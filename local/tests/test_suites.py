"""How `test` is told what to run."""

from __future__ import annotations

from pathlib import Path

import pytest

from failover import programs
from local import suites
from local.errors import StackError
from local.services import ROOT


def test_all_suites_run_unless_some_are_named() -> None:
    assert list(suites.choose([])[0]) == ["chassis", "auth_svc", "task_svc", "user_svc", "tests", "local"]


def test_failover_runs_when_it_is_named() -> None:
    assert suites.choose(["failover"]) == ({"failover": []}, [])


def test_what_failover_needs_and_is_not_installed_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "PATH", str(tmp_path))

    with pytest.raises(StackError) as refused:
        suites.main("failover")

    needs = "the failover suite needs etcd and haproxy; on Debian: apt install etcd-server haproxy."
    assert str(refused.value) == f"manage_all.sh: {needs}"


def test_suites_files_and_options_may_be_mixed() -> None:
    chosen = suites.choose(["local", "task_svc/tests/test_show.py::test_a", "-x", "-k", "alice and bob"])

    assert chosen == (
        {"local": [], "task_svc": [str(ROOT / "task_svc/tests/test_show.py::test_a")]},
        ["-x", "-k", "alice and bob"],
    )


@pytest.mark.parametrize("name", ["chasis", "tests/test_nothing.py", "task_svc/tests/test_nothing.py::test_a"])
def test_a_test_that_does_not_exist_is_one_line(name: str) -> None:
    with pytest.raises(StackError) as refused:
        suites.choose([name])

    assert str(refused.value).startswith(f"manage_all.sh: there are no tests {name}; ")
