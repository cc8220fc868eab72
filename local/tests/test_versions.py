"""Versions that stand in two places agree."""

from __future__ import annotations

import re

import pytest

import chassis
from local.services import ROOT

# Each repository of hooks, and the package of the same program.
PACKAGES = {
    "pre-commit/pre-commit-hooks": "pre-commit-hooks",
    "adamchainz/django-upgrade": "django-upgrade",
    "astral-sh/ruff-pre-commit": "ruff",
}


def hooks() -> dict[str, str]:
    """Return the version of each repository of hooks."""
    text = (ROOT / ".pre-commit-config.yaml").read_text()
    return dict(re.findall(r"repo: https://github\.com/(\S+)\n\s+rev: v?(\S+)", text))


@pytest.mark.parametrize(("repository", "package"), PACKAGES.items(), ids=PACKAGES.values())
def test_pre_commit_runs_the_version_of_the_lock(repository: str, package: str) -> None:
    assert f"\n{package}=={hooks()[repository]} " in (ROOT / "requirements-dev.txt").read_text()


def test_every_hook_has_a_version_in_the_lock() -> None:
    assert hooks().keys() == PACKAGES.keys()


def test_the_changelog_tells_of_the_present_version() -> None:
    versions = re.findall(r"^## ([\d.]+) - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert versions[0] == chassis.VERSION


def test_the_version_stands_in_one_place() -> None:
    stated = rf'version"? ?[=:] ?"{re.escape(chassis.VERSION)}"'
    places = ["pyproject.toml", *(f"{name}/config/settings.py" for name in ("auth_svc", "task_svc", "user_svc"))]

    assert re.search(stated, (ROOT / "chassis" / "pyproject.toml").read_text())
    for place in places:
        assert not re.search(stated, (ROOT / place).read_text(), re.IGNORECASE), place
