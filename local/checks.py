"""The checks of one part: its types, and of a service also its settings and migrations."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

from local import kubernetes
from local.config import BIN
from local.services import ROOT, SERVICES

CHECKS = (
    ("mypy", "-p", "config", "-p", "{app}"),
    ("python", "manage.py", "makemigrations", "--check", "--dry-run"),
    ("python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
)


def environment() -> dict[str, str]:
    """Return the settings of a deployment, with throw-away secrets and no database to ask."""
    deployment = {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "SITE_ADDRESS": "tasks.example.com",
        "PASSWORD_REJECT_COMMON": "true",
        "LOG_LEVEL": "ERROR",
        "MYPYPATH": f"{ROOT / 'chassis' / 'src'}",
        # makemigrations compares with the files; that it cannot ask the database is no news.
        "PYTHONWARNINGS": "ignore:Got an error checking a consistent migration history:RuntimeWarning",
    }
    deployment |= {name: secrets.token_urlsafe(64) for name in ("SECRET_KEY", "SERVICE_KEY", "JWT_SIGNING_KEY")}
    deployment |= {f"{service.short.upper()}_SERVICE_URL": f"http://{service.name}:8000" for service in SERVICES}
    return {**os.environ, **deployment}


def main(name: str) -> None:
    """Run every check of one service, or the types of what belongs to none, and exit with the first failure."""
    if name == "audit":
        audit()
        return
    if name == "kubernetes":
        kubernetes.check()
        return
    config = ["--config-file", str(ROOT / "pyproject.toml")]
    if name == "local":
        # The plugin for Django wants some settings, though there are none here.
        # This folder first: auth_svc has tests too.
        types = {**environment(), "MYPYPATH": f"{ROOT}:{ROOT / 'chassis' / 'src'}:{ROOT / 'auth_svc'}"}
        run([str(BIN / "mypy"), "-p", "local", "-p", "bench", "-p", "failover", "-p", "tests", *config], ROOT, types)
        return
    if name == "chassis":
        # Not with the services: there it is an installed package, of whose mistakes mypy says nothing, and the modules
        # that settings name by dotted strings are reached by no import.
        types = {**environment(), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        run([str(BIN / "mypy"), "-p", "chassis", *config], ROOT / "chassis", types)
        return
    service = next(service for service in SERVICES if service.directory.name == name)
    for check in CHECKS:
        program, *arguments = [part.format(app=service.app) for part in check]
        command = [str(BIN / program), *arguments, *(config if program == "mypy" else [])]
        run(command, service.directory, environment())


def audit() -> None:
    """Exit if a package of the lock has a known vulnerability; say so in one line where none can be looked up."""
    command = [str(BIN / "pip-audit"), "--disable-pip", "--no-deps", "--progress-spinner", "off", "--format", "json"]
    locks = ("requirements.txt", "requirements-dev.txt", "requirements-failover.txt", "requirements-kubernetes.txt")
    command += [option for lock in locks for option in ("-r", str(ROOT / lock))]
    result = subprocess.run(command, capture_output=True, text=True)
    try:
        packages = json.loads(result.stdout)["dependencies"]
    except (ValueError, KeyError):
        packages = []
    audited = [package for package in packages if "vulns" in package]
    if not audited:
        print("Not audited: the database of known vulnerabilities cannot be reached from here.")
    for package in audited:
        for found in package["vulns"]:
            print(f"{package['name']} {package['version']}: {found['id']}, mended in {found['fix_versions']}")
    if any(package["vulns"] for package in audited):
        sys.exit(1)


def run(command: list[str], directory: Path, variables: dict[str, str]) -> None:
    code = subprocess.run(command, cwd=directory, env=variables).returncode
    if code:
        sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1])
