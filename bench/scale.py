"""Replicas of task_svc behind the gateway, and what each kind of request costs each program.

Figures are calls and processor time for each request, not requests a second: all replicas, the gateway, PostgreSQL and
the load share the cores of one machine, so that more replicas cannot answer more here.
"""

from __future__ import annotations

import re
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import requests

from bench.load import Request, wrk
from bench.reader import Reader
from bench.systems import TASK, Target
from local import ports
from local.programs import PROGRAMS
from local.services import SERVICES, find
from local.stack import Stack
from tests.local_stack import LocalStack
from tests.replicas import gateway_of_names, names, replica

REPLICAS = ("127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5")
# For each replica, each with a connection: so that one has as much to do among four as by itself.
ACCOUNTS = 8
# Milliseconds between two requests of a connection: a load that two cores can carry with room to spare.
PAUSE = 150
KINDS = {"GET /tasks, 20 tasks": "list", "GET /users/me": "me", "POST /tasks": "create", "POST /auth/login": "login"}
COUNTS = re.compile(r"^(http_(?:client|server)_request_duration_seconds)_count\{.*\} ([\d.e+]+)$", re.MULTILINE)
CALLS, SERVED = "http_client_request_duration_seconds", "http_server_request_duration_seconds"


def measure(stack: Stack, rounds: int, seconds: int) -> None:
    print_costs(stack, rounds, seconds)
    with replicas(stack) as fleet:
        fleet.print_table(rounds, seconds)


def processor_time(main: psutil.Process) -> float:
    """Return the seconds that a process and its children have used, those that have ended too."""
    family = [each.cpu_times() for each in (main, *main.children(recursive=True))]
    ended = main.cpu_times()
    return float(sum(each.user + each.system for each in family) + ended.children_user + ended.children_system)


def print_costs(stack: Stack, rounds: int, seconds: int) -> None:
    """Print the processor time and the log of PostgreSQL that one request of each kind takes."""
    programs = LocalStack(stack.config)
    target = Target.of(stack)
    print(f"\n{'processor ms a request':24}" + "".join(f"{name:>12}" for name in (*PROGRAMS, "all", "log, bytes")))
    for title, kind in KINDS.items():
        runs: list[list[float]] = []
        for _ in range(rounds):
            load, connections = target.request(kind), 1 if kind == "login" else 8
            wrk(target.base, load, connections=connections, seconds=1)
            before = [processor_time(programs.main_process(name)) for name in PROGRAMS]
            log = log_position(stack)
            figures = wrk(target.base, load, connections=connections, seconds=seconds)
            count = figures.rate * seconds
            after = [processor_time(programs.main_process(name)) for name in PROGRAMS]
            used = [(late - early) / count * 1000 for early, late in zip(before, after, strict=True)]
            runs.append([*used, sum(used), (log_position(stack) - log) / count])
            assert not figures.failed, figures
        medians = [statistics.median(values) for values in zip(*runs, strict=True)]
        cells = "".join(f"{value:12.2f}" for value in medians[:-1])
        print(f"{title:24}{cells}{medians[-1]:12.0f}", flush=True)


def log_position(stack: Stack) -> int:
    with stack.postgres.connect() as superuser:
        return int(superuser.execute("SELECT pg_current_wal_insert_lsn() - '0/0'").fetchall()[0][0])


@dataclass
class Fleet:
    """Replicas, of which the gateway knows as many as it is told."""

    base: str
    addresses: dict[str, list[str]]
    processes: Sequence[psutil.Process]
    metrics: Sequence[str]
    tokens: tuple[str, ...]

    def print_table(self, rounds: int, seconds: int) -> None:
        print(f"\n{ACCOUNTS} accounts a replica, GET /tasks, 20 each; {rounds} rounds of {seconds} s in turn, medians")
        print(f"{'replicas':>10}{'requests/s':>12}{'calls/request':>15}{'ms/request':>12}{'requests/cpu s':>16}")
        counts = range(1, len(REPLICAS) + 1)
        runs: dict[int, list[tuple[float, ...]]] = {count: [] for count in counts}
        for _ in range(rounds):
            for count in counts:
                runs[count].append(self.run(count, seconds))
        for count, results in runs.items():
            rate, calls, used = (statistics.median(values) for values in zip(*results, strict=True))
            print(f"{count:>10}{rate:12.0f}{calls:15.4f}{used * 1000:12.2f}{1 / used:16.0f}", flush=True)

    def run(self, count: int, seconds: int) -> tuple[float, float, float]:
        """Return requests a second, calls of auth_svc and seconds of the replicas' processors for each request."""
        self.addresses["task-svc"] = list(REPLICAS[:count])
        load, serving = Request("/tasks", tokens=self.tokens[: ACCOUNTS * count], pause=PAUSE), self.processes[:count]
        # Until the gateway has asked for the names again, and each replica knows its tokens.
        wrk(self.base, load, connections=len(load.tokens), seconds=3)
        before, used = self.counts(), sum(map(processor_time, serving))
        figures = wrk(self.base, load, connections=len(load.tokens), seconds=seconds)
        assert not figures.failed, figures
        counted = self.counts() - before
        used = sum(map(processor_time, serving)) - used
        return figures.rate, counted[CALLS] / counted[SERVED], used / counted[SERVED]

    def counts(self) -> Counter[str]:
        """Return how many requests the replicas have answered, and how many calls they have made."""
        counted: Counter[str] = Counter()
        for address in self.metrics:
            for name, value in COUNTS.findall(requests.get(f"http://{address}/metrics", timeout=5).text):
                counted[name] += round(float(value))
        return counted


@contextmanager
def replicas(stack: Stack) -> Iterator[Fleet]:
    """Run all replicas with one worker each, and a gateway before them."""
    config, port = stack.config, int(ports.free(1)[0])
    listening = {service.name: config.port(service) for service in SERVICES} | {"task-svc": port}
    base = f"http://127.0.0.1:{config.gateway_port}"
    readers = [Reader(base) for _ in range(ACCOUNTS * len(REPLICAS))]
    for reader in readers:
        reader.data("POST", "/tasks/bulk", [TASK] * 20)
    metrics = [f"127.0.0.1:{free}" for free in ports.free(len(REPLICAS))]
    with ExitStack() as running:
        home = Path(running.enter_context(tempfile.TemporaryDirectory()))
        known = running.enter_context(names())
        known.addresses = {service.name: ["127.0.0.1"] for service in SERVICES}
        processes = []
        for address, shown in zip(REPLICAS, metrics, strict=True):
            settings = {"METRICS_BIND": shown, "METRICS_DIR": str(home / address)}
            processes.append(running.enter_context(replica(find("task-svc"), f"{address}:{port}", **settings)))
        gateway = running.enter_context(gateway_of_names(home, known, listening))
        tokens = tuple(reader.token for reader in readers)
        yield Fleet(f"http://127.0.0.1:{gateway.port}", known.addresses, processes, metrics, tokens)
