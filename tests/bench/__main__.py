"""`./manage_all.sh bench [CASE ...]`: the measured paths beside their floor, on stacks of their own.

The floor is the same path with nothing in between (floor.py); "asking" is the same system that asks auth_svc every
time (TOKEN_CACHE_SECONDS=0). All are measured in turn, several rounds, and the medians are compared. `--seconds N`
and `--rounds N` change how long it takes.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import bcrypt
import requests

from local.config import BIN, ROOT, SERVICES, Config
from local.stack import Stack
from local.tests import free_ports, settle
from tests.bench import lists
from tests.bench.load import Figures, Request, proportional_memory, require_wrk, wrk
from tests.waiting import eventually

PASSWORD = "correct horse battery"  # Of an account that lives as long as the measurement.
TASK = {"title": "Task number 1", "description": "Buy milk, bread and a light bulb on the way home."}
CASES = {
    "GET /tasks, 20 tasks": ("list", 16),
    "GET /users/me": ("me", 16),
    "POST /tasks": ("create", 16),
    "POST /auth/login": ("login", 4),
}


class Target:
    """A running system, with a reader of 20 tasks and a writer."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.reader = self._join()
        self.writer = self._join()
        for number in range(20):
            self._post("/tasks", TASK | {"title": f"Task number {number}"}, self.reader["token"])
        self._post("/users/createprofile", {"full_name": "Bench"}, self.reader["token"])

    def request(self, kind: str) -> Request:
        credentials = {"email": self.reader["email"], "password": PASSWORD}
        return {
            "list": Request("/tasks", self.reader["token"]),
            "me": Request("/users/me", self.reader["token"]),
            "create": Request("/tasks", self.writer["token"], TASK),
            "login": Request("/auth/login", body=credentials),
        }[kind]

    def _join(self) -> dict[str, str]:
        email = f"bench-{uuid4().hex}@example.com"
        account = self._post("/auth/register", {"email": email, "password": PASSWORD})
        tokens = self._post("/auth/login", {"email": email, "password": PASSWORD})
        return {"id": account["id"], "email": email, "token": tokens["access_token"]}

    def _post(self, path: str, body: Any, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = requests.post(self.base + path, json=body, headers=headers, timeout=30)
        response.raise_for_status()
        return response.json()["data"]


@contextmanager
def running_stack(**settings: str) -> Iterator[Stack]:
    """Run a stack on ports and data of its own."""
    data_dir = tempfile.mkdtemp(prefix="task-manager-bench-")
    settle(data_dir)
    os.environ |= {"LOGIN_RATE": "10000/minute", "TOKEN_CACHE_SECONDS": "5", **settings}
    stack = Stack(Config())
    try:
        stack.up()
        yield stack
    finally:
        stack.down()
        shutil.rmtree(data_dir, ignore_errors=True)


@contextmanager
def running_floor(stack: Stack, target: Target) -> Iterator[str]:
    """Run the floor on the stack's own databases, behind a gateway of its own; give its address."""
    gateway, service = free_ports(2)
    config = stack.config
    databases = {s.short: config.database_url(s) for s in SERVICES}
    environment = config.base_environment() | {
        "FLOOR_USER": target.reader["id"],
        "FLOOR_WRITER": target.writer["id"],
        "FLOOR_TASK_DATABASE": databases["task"].replace("postgres://", "postgresql://"),
        "FLOOR_USER_DATABASE": databases["user"].replace("postgres://", "postgresql://"),
        "BIND": f"127.0.0.1:{service}",
        "PYTHONPATH": str(ROOT),
        # Gunicorn's settings close Django's connections after the fork; there are none here.
        "DJANGO_SETTINGS_MODULE": "django.conf.global_settings",
    }
    upstreams = {f"{name}_UPSTREAM": f"127.0.0.1:{service}" for name in ("AUTH", "TASK", "USER")}
    caddy_environment = config.gateway_environment() | upstreams | {"SITE_ADDRESS": f":{gateway}"}
    commands = [
        ([str(BIN / "gunicorn"), "-c", "python:chassis.gunicorn", "tests.bench.floor:application"], environment),
        ([str(BIN / "caddy"), "run", "--config", str(ROOT / "gateway" / "Caddyfile")], caddy_environment),
    ]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen(command, env=env, cwd=ROOT, **quiet) for command, env in commands]
    base = f"http://127.0.0.1:{gateway}"
    try:
        eventually(lambda: answers(f"{base}/tasks"), within=20)
        yield base
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def hash_for(seconds: float) -> int:
    """Hash passwords for some seconds; return how many."""
    ends, count = time.monotonic() + seconds, 0
    salt = bcrypt.gensalt(12)
    while time.monotonic() < ends:
        bcrypt.hashpw(b"password", salt)
        count += 1
    return count


def bcrypt_alone(seconds: int) -> Figures:
    """Return how many hashes a second all cores do by themselves."""
    cores = os.cpu_count() or 1
    with multiprocessing.Pool(cores) as pool:
        rate = sum(pool.map(hash_for, [float(seconds)] * cores)) / seconds
    return Figures(rate, 0, 0, 0)


def median(runs: list[Figures]) -> Figures:
    return Figures(
        statistics.median(run.rate for run in runs),
        statistics.median(run.p50 for run in runs),
        statistics.median(run.p99 for run in runs),
        sum(run.failed for run in runs),
    )


def measure(cases: list[str], rounds: int, seconds: int) -> None:
    """Measure the cases round by round and print a row for each."""
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()},")
    print(f"{datetime.now(UTC):%Y-%m-%d}; medians of {rounds} rounds of {seconds} s\n")
    with running_stack(TOKEN_CACHE_SECONDS="0") as asking, running_stack() as stack:
        targets = {
            "asking": Target(f"http://127.0.0.1:{asking.config.gateway_port}"),
            "ours": Target(f"http://127.0.0.1:{stack.config.gateway_port}"),
        }
        with running_floor(stack, targets["ours"]) as floor:
            print(
                f"{'case':24}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'floor':>9}{'of it':>7}{'asking':>9}{'failed':>8}"
            )
            for case in cases:
                row(case, targets, floor, rounds, seconds)
        memory = proportional_memory(stack.supervisor.processes())
    print(f"\nMemory of all processes after the load, proportional set size: {memory:.0f} MB")


def row(case: str, targets: dict[str, Target], floor: str, rounds: int, seconds: int) -> None:
    kind, connections = CASES[case]
    runs: dict[str, list[Figures]] = {"ours": [], "asking": [], "floor": []}
    for _ in range(rounds):
        for name, target in targets.items():
            load = target.request(kind)
            wrk(target.base, load, connections=connections, seconds=1)
            runs[name].append(wrk(target.base, load, connections=connections, seconds=seconds))
        if kind == "login":
            runs["floor"].append(bcrypt_alone(seconds))
        else:
            load = targets["ours"].request(kind)
            runs["floor"].append(wrk(floor, load, connections=connections, seconds=seconds))
    ours, asking, bare = (median(runs[name]) for name in ("ours", "asking", "floor"))
    failed = sum(run.failed for group in runs.values() for run in group)
    print(
        f"{case:24}{ours.rate:9.1f}{ours.p50:9.1f}{ours.p99:9.1f}{bare.rate:9.1f}{ours.rate / bare.rate:9.2f}"
        f"{asking.rate:9.1f}{failed:9}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="./manage_all.sh bench", description=__doc__)
    parser.add_argument("case", nargs="*", help=f"lists, or {', '.join(kind for kind, _ in CASES.values())}")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    require_wrk()
    if options.case == ["lists"]:
        with running_stack() as stack:
            lists.measure(stack.config)
        return
    wanted = [case for case, (kind, _) in CASES.items() if not options.case or kind in options.case]
    measure(wanted, options.rounds, options.seconds)


if __name__ == "__main__":
    main()
