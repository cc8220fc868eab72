"""The tests: each service's on real PostgreSQL, then the whole system's, on a stack that disturbs no other."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from local import ports
from local.config import BIN, ROOT, SERVICES, Config
from local.stack import Stack

SUITES = {
    "chassis": (ROOT / "chassis", "chassis", 100),
    "auth_svc": (ROOT / "auth_svc", "accounts", 95),
    "task_svc": (ROOT / "task_svc", "tasks", 95),
    "user_svc": (ROOT / "user_svc", "profiles", 95),
}
END_TO_END = "tests"
LOCAL = "local"
NOTHING_COLLECTED = 5

# Limits that one test address would meet by the mere number of tests.
ROOMY = {
    "LOGIN_IP_RATE": "10000/minute",
    "SIGN_IN_RATE": "10000/minute",
    "REGISTER_RATE": "10000/hour",
    "REFRESH_RATE": "10000/minute",
    "RESET_RATE": "10000/hour",
    "RESET_CONFIRM_RATE": "10000/hour",
    "VALIDATE_RATE": "10000/minute",
}


def main(*arguments: str) -> None:
    """Run the tests that are named, or all, on a stack of their own; options go to pytest."""
    chosen, options = choose(arguments)
    data_dir = tempfile.mkdtemp(prefix="task-manager-test-")
    settle(data_dir)
    stack = Stack(Config())
    codes: dict[str, int] = {}
    try:
        of_services = {suite: paths for suite, paths in chosen.items() if suite in SUITES}
        if of_services:
            stack.up_database()
            codes |= run_services(stack.config, of_services, options)
        if END_TO_END in chosen:
            stack.up()
            codes |= run_end_to_end(stack.config, chosen[END_TO_END], options)
    finally:
        stack.down()
        shutil.rmtree(data_dir, ignore_errors=True)
    if LOCAL in chosen:
        codes |= run_local(chosen[LOCAL], options)
    ran = {suite: code for suite, code in codes.items() if not (options and code == NOTHING_COLLECTED)}
    if not ran:
        sys.exit("There are no such tests.")
    failed = [suite for suite, code in ran.items() if code]
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")
    print("All tests passed.")


def choose(arguments: tuple[str, ...]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the suites that are named, each with the paths in it that are named, and what else is for pytest."""
    suites = (*SUITES, END_TO_END, LOCAL)
    chosen: dict[str, list[str]] = {}
    options = []
    for argument in arguments:
        path = Path(argument.partition("::")[0])
        if path.parts and path.parts[0] in suites and (ROOT / path).exists():
            chosen.setdefault(path.parts[0], []).extend([str(ROOT / argument)] if path.parts[1:] else [])
        else:
            options.append(argument)
    return chosen or {suite: [] for suite in suites}, options


def settle(data_dir: str) -> None:
    """Point the settings at a new DATA_DIR and at free ports, away from any stack that runs; forget all others."""
    for name in re.findall(r"^#(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE):
        for given in (name, f"{name}_FILE"):
            os.environ.pop(given, None)
    free = dict(zip(("GATEWAY_PORT", *(s.port_setting for s in SERVICES)), ports.free(4), strict=True))
    os.environ |= {"DATA_DIR": data_dir, "ENV_FILE": os.devnull, **free, **ROOMY}


def run_services(config: Config, suites: dict[str, list[str]], options: list[str]) -> dict[str, int]:
    """Run suites two at a time, and print each one's output when it is done; return their exit codes."""
    codes = {}
    waiting = list(suites)
    running: list[tuple[str, subprocess.Popen[str]]] = []
    while waiting or running:
        while waiting and len(running) < 2:
            name = waiting.pop(0)
            running.append((name, start_suite(config, name, suites[name], options)))
        name, process = running.pop(0)
        output, _ = process.communicate()
        print(f"\n== {name}\n{output}", flush=True)
        codes[name] = process.returncode
    return codes


def start_suite(config: Config, name: str, paths: list[str], options: list[str]) -> subprocess.Popen[str]:
    """Start one suite, as the superuser of the embedded PostgreSQL: it makes a database of its own."""
    directory, package, threshold = SUITES[name]
    service = next((service for service in SERVICES if service.directory == directory), SERVICES[0])
    password = quote(config.secret("postgres_password").read_text())
    environment = config.service_environment(service)
    del environment["DATABASE_URL_FILE"]
    environment |= {
        "DATABASE_URL": f"postgres://postgres:{password}@/{package}?host={quote(str(config.run_dir))}",
        "COVERAGE_FILE": str(config.data_dir / f"coverage-{name}"),
        "LOG_LEVEL": "CRITICAL",
        "PYTHONPATH": str(directory),
    }
    if name == "chassis":
        environment["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    coverage = [f"--cov={package}", "--cov-branch", "--cov-report=term-missing:skip-covered"]
    if not (paths or options):
        coverage.append(f"--cov-fail-under={threshold}")
    command = [str(BIN / "pytest"), "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(directory), "-q"]
    # The cluster ends with the tests; to drop a database in it would only wait for the disk.
    command.append("--reuse-db")
    # The chassis's own conftest names the plugin: loaded this early, what it imports would not be measured.
    plugin = [] if name == "chassis" else ["-p", "chassis.testing"]
    command += [*plugin, *coverage, *options, *(paths or [str(directory / "tests")])]
    return subprocess.Popen(
        command, cwd=directory, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def run_end_to_end(config: Config, paths: list[str], options: list[str]) -> dict[str, int]:
    """Run the end-to-end tests against the stack, which they may also break and mend; return their exit code."""
    environment = config.base_environment()
    environment["GATEWAY_URL"] = f"http://127.0.0.1:{config.gateway_port}"
    print("\n== end to end", flush=True)
    return {END_TO_END: run_without_django(paths or [str(ROOT / "tests")], options, environment)}


def run_local(paths: list[str], options: list[str]) -> dict[str, int]:
    """Run the tests of the local stack itself, which start stacks of their own; return their exit code."""
    print("\n== local", flush=True)
    return {LOCAL: run_without_django(paths or [str(ROOT / "local" / "tests")], options, dict(os.environ))}


def run_without_django(paths: list[str], options: list[str], environment: dict[str, str]) -> int:
    command = [str(BIN / "pytest"), "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-q"]
    return subprocess.run([*command, "-p", "no:django", *options, *paths], cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    main(*sys.argv[1:])
