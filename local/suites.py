"""The tests: each service's on real PostgreSQL, then the whole system's, on a stack that disturbs no other."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from failover import programs
from local import started
from local.config import BIN, Config
from local.errors import StackError
from local.isolated import isolated
from local.programs import PROGRAMS
from local.services import ROOT, SERVICES
from local.stack import Stack

# The folder, the package whose coverage is measured, and the least of it in percent.
SUITES = {"chassis": (ROOT / "chassis", "chassis", 100)}
SUITES |= {service.directory.name: (service.directory, service.app, 95) for service in SERVICES}
END_TO_END = "tests"
LOCAL = "local"
# On a cluster of PostgreSQL, for which it needs more than the others: it runs only when it is named.
FAILOVER = "failover"
# Where `--keep` leaves the stack.
KEPT = ROOT / ".data-test"
NOTHING_COLLECTED = 5
# Options of pytest that are followed by a value.
WITH_VALUE = ("-k", "-m", "-p", "-o", "-W", "-c", "-n")

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
    if "--forget" in arguments:
        forget(KEPT)
        return
    keep = "--keep" in arguments
    chosen, options = choose([argument for argument in arguments if argument != "--keep"])
    if FAILOVER in chosen:
        programs.require()
    data_dir = KEPT if keep else Path(tempfile.mkdtemp(prefix="task-manager-test-"))
    stack = settle(data_dir)
    codes: dict[str, int] = {}
    try:
        of_services = {suite: paths for suite, paths in chosen.items() if suite in SUITES}
        if of_services:
            stack.up_database()
            codes |= run_services(stack.config, of_services, options)
        if END_TO_END in chosen:
            if stack.supervisor.runs() and all(stack.supervisor.is_up(name) for name in PROGRAMS):
                # It was kept, and may run what has been edited since.
                stack.restart()
            stack.up()
            codes |= run_end_to_end(stack.config, END_TO_END, chosen[END_TO_END], options)
    finally:
        if not keep:
            forget(data_dir)
    if LOCAL in chosen:
        codes |= run_local(chosen[LOCAL], options)
    if FAILOVER in chosen:
        codes |= run_failover(chosen[FAILOVER], options)
    ran = {suite: code for suite, code in codes.items() if not (options and code == NOTHING_COLLECTED)}
    if not ran:
        sys.exit("There are no such tests.")
    failed = [suite for suite, code in ran.items() if code]
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}.")
    print("All tests passed.")


def choose(arguments: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the suites that are named, each with the paths in it that are named, and what else is for pytest."""
    by_default = (*SUITES, END_TO_END, LOCAL)
    suites = (*by_default, FAILOVER)
    chosen: dict[str, list[str]] = {}
    options: list[str] = []
    for argument in arguments:
        path = Path(argument.partition("::")[0])
        is_value = bool(options) and options[-1] in WITH_VALUE
        if not is_value and path.parts and path.parts[0] in suites and (ROOT / path).exists():
            chosen.setdefault(path.parts[0], []).extend([str(ROOT / argument)] if path.parts[1:] else [])
        elif argument.startswith("-") or is_value:
            options.append(argument)
        else:
            raise StackError(f"there are no tests {argument}; the suites are {', '.join(suites)}.")
    return chosen or {suite: [] for suite in by_default}, options


def forget(data_dir: Path) -> None:
    """Stop the stack of tests, and delete what it holds."""
    settle(data_dir).stop()
    shutil.rmtree(data_dir, ignore_errors=True)


def settle(data_dir: Path) -> Stack:
    """Return the stack of tests with this DATA_DIR, which may run already."""
    stack = isolated(data_dir, **ROOMY)
    if stack.supervisor.runs():
        # It was kept, and with it its ports.
        os.environ |= started.settings_given(stack.config)
        stack = Stack(Config())
    return stack


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
    del environment["DATABASE_URL_FILE"], environment["METRICS_BIND"]
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


def run_end_to_end(config: Config, suite: str, paths: list[str], options: list[str]) -> dict[str, int]:
    """Run a suite through the gateway of a stack, which it may also break and mend; return its exit code."""
    environment = config.base_environment()
    environment["GATEWAY_URL"] = f"http://127.0.0.1:{config.gateway_port}"
    print(f"\n== {suite}", flush=True)
    return {suite: run_without_django(paths or [str(ROOT / suite)], options, environment)}


def run_failover(paths: list[str], options: list[str]) -> dict[str, int]:
    """Run the tests of failover, which start the cluster and a stack on it; return their exit code."""
    data_dir = Path(tempfile.mkdtemp(prefix="task-manager-test-"))
    try:
        return run_end_to_end(settle(data_dir).config, FAILOVER, paths, options)
    finally:
        forget(data_dir)


def run_local(paths: list[str], options: list[str]) -> dict[str, int]:
    """Run the tests of the local stack itself, which start stacks of their own; return their exit code."""
    print("\n== local", flush=True)
    return {LOCAL: run_without_django(paths or [str(ROOT / "local" / "tests")], options, dict(os.environ))}


def run_without_django(paths: list[str], options: list[str], environment: dict[str, str]) -> int:
    command = [str(BIN / "pytest"), "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), "-q"]
    return subprocess.run([*command, "-p", "no:django", *options, *paths], cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit("\nInterrupted.")
