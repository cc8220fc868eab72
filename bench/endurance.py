"""The system under more load than it has threads, under logins, and in minutes of a steady load."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import psutil

from bench.load import Figures, Request, proportional_memory, wrk
from bench.systems import PASSWORD, Target
from local.stack import Stack
from tests.local_stack import LocalStack

CROWD, CROWD_SECONDS = 64, 60
LOGIN_CONNECTIONS, BESIDE_SECONDS = 4, 10
STAFF = "staff@example.com"


def measure(stack: Stack, minutes: int) -> None:
    target = Target.of(stack)
    kinds = ("list", "me", "create", "login", "combined")
    load: Any = {kind: target.request(kind) for kind in kinds}
    for kind in ("list", "me", "create"):
        wrk(target.base, load[kind], connections=CROWD, seconds=5)
    print(f"\n{CROWD} connections, {CROWD_SECONDS} s each; memory is the proportional set size of all but PostgreSQL")
    report("before", None, stack)
    for kind, name in (("list", "GET /tasks"), ("me", "GET /users/me"), ("create", "POST /tasks")):
        report(name, wrk(target.base, load[kind], connections=CROWD, seconds=CROWD_SECONDS), stack)

    print(f"\n16 connections, alone and beside {LOGIN_CONNECTIONS} connections that log in without a pause")
    for kind, name in (("list", "GET /tasks"), ("me", "GET /users/me")):
        report(name, wrk(target.base, load[kind], connections=16, seconds=BESIDE_SECONDS), stack)
        figures, logins = beside(target, (load[kind], 16), (load["login"], LOGIN_CONNECTIONS))
        report(f"{name}, beside", figures, stack)
        report("  the logins", logins, stack)

    print(f"\n{minutes} minutes of a steady load of reads and writes")
    for minute in range(1, minutes + 1):
        report(f"minute {minute}", steady(target, [load["list"], load["me"], load["create"]]), stack)

    print(f"\n{CROWD} connections whose requests to one service wait for another, which {CROWD} others keep busy")
    LocalStack(stack.config).create_superuser(STAFF, PASSWORD)
    figures, others = beside(target, (target.create_for_reader(STAFF), CROWD), (load["combined"], CROWD))
    report("POST /tasks/tasks", figures, stack)
    report("GET .../{id}/tasks", others, stack)


def beside(target: Target, load: tuple[Request, int], other: tuple[Request, int]) -> tuple[Figures, Figures]:
    """Measure two loads, each with its connections, at the same time."""

    def run(request: Request, connections: int) -> Figures:
        return wrk(target.base, request, connections=connections, seconds=BESIDE_SECONDS)

    with ThreadPoolExecutor(1) as threads:
        others = threads.submit(run, *other)
        return run(*load), others.result()


def steady(target: Target, loads: list[Request]) -> Figures:
    """Send each load over four connections with pauses for a minute; return the rate of all and the worst latencies."""
    with ThreadPoolExecutor(len(loads)) as threads:
        running = [
            threads.submit(wrk, target.base, replace(load, pause=50), connections=4, seconds=60) for load in loads
        ]
        runs = [each.result() for each in running]
    return Figures(
        sum(run.rate for run in runs),
        max(run.p50 for run in runs),
        max(run.p99 for run in runs),
        sum(run.failed for run in runs),
    )


def report(name: str, figures: Figures | None, stack: Stack) -> None:
    """Print what was measured, and what the system holds now."""
    measured = ""
    if figures:
        measured = (
            f"{figures.rate:8.1f}/s  p50 {figures.p50:7.1f} ms  p99 {figures.p99:7.1f} ms  {figures.failed} failed"
        )
    print(f"{name:24}{measured:60}{memory(stack):6.0f} MB  {connections(stack)} connections to PostgreSQL", flush=True)


def memory(stack: Stack) -> float:
    """Return what all but PostgreSQL hold, which fills the buffers that it was given."""
    processes: list[psutil.Process] = stack.supervisor.processes()
    return proportional_memory(process for process in processes if process.name() != "postgres")


def connections(stack: Stack) -> int:
    """Return how many sessions the services have."""
    with stack.postgres.connect() as database:
        statement = (
            "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> 'postgres'"
        )
        row = database.execute(statement).fetchone()
    return int(row[0]) if row else 0
