"""What `check` makes of the packages that pip-audit knows something about."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from local import checks

GOOD = {"name": "django", "version": "5.2", "vulns": []}
BAD = {"name": "thing", "version": "1.0", "vulns": [{"id": "CVE-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "other", "skip_reason": "not found"}


def answering(monkeypatch: pytest.MonkeyPatch, output: str) -> None:
    done = subprocess.CompletedProcess([], 1, output, "")
    monkeypatch.setattr("local.checks.subprocess.run", lambda *_, **__: done)


def report(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages})


def test_a_known_vulnerability_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, report(GOOD, BAD, UNKNOWN))

    with pytest.raises(SystemExit):
        checks.audit()

    assert capsys.readouterr().out == "thing 1.0: CVE-1, mended in ['1.1']\n"


@pytest.mark.parametrize("output", ["", report(UNKNOWN)], ids=["no answer", "nothing known"])
def test_what_cannot_be_looked_up_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], output: str
) -> None:
    answering(monkeypatch, output)

    checks.audit()

    assert capsys.readouterr().out.startswith("Not audited: ")


def test_packages_without_a_vulnerability_pass_in_silence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(monkeypatch, report(GOOD, UNKNOWN))

    checks.audit()

    assert capsys.readouterr().out == ""
