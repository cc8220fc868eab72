"""`./manage_all.sh bench [CASE ...]`: the measured paths beside their floor, on stacks of their own.

The floor is the same path with nothing in between (floor.py); "asking" is the same system that asks auth_svc every
time (TOKEN_CACHE_SECONDS=0). All are measured in turn, several rounds, and the medians are compared. `--seconds N`
and `--rounds N` change how long it takes. `lists` measures lists among a million rows; `endurance` what becomes of the
system under 64 connections, under logins, and in minutes of a steady load; `accounts` signing in among a million;
`growth` what the table of tasks costs at a number of rows; `scale` replicas, and what each kind of request costs whom.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import statistics
import time
from datetime import UTC, datetime

import bcrypt

from bench import accounts, endurance, growth, lists, scale
from bench.load import Figures, proportional_memory, require_wrk, wrk
from bench.systems import Target, running_floor, running_stack

CASES = {
    "GET /tasks, 20 tasks": ("list", 16),
    "GET /users/me": ("me", 16),
    "POST /tasks": ("create", 16),
    "POST /auth/login": ("login", 4),
}
# Measures that start a stack of their own, each by itself.
WHOLE = ("lists", "accounts", "endurance", "growth", "scale")


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
            "asking": Target.of(asking),
            "ours": Target.of(stack),
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
    kinds = [kind for kind, _ in CASES.values()]
    parser.add_argument("case", nargs="*", help=f"one of {', '.join(WHOLE)}; or some of {', '.join(kinds)}")
    parser.add_argument("--minutes", type=int, default=10, help="of the steady load of `endurance`")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of `growth`; 10,000,000 take 25 GB below /tmp")
    options = parser.parse_args()
    alone = len(options.case) == 1 and options.case[0] in WHOLE
    if not alone and not set(options.case) <= set(kinds):
        parser.error(f"a case is one of {', '.join(WHOLE)} by itself, or some of {', '.join(kinds)}")
    require_wrk()
    if alone:
        with running_stack() as stack:
            match options.case:
                case ["lists"]:
                    lists.measure(stack.config)
                case ["accounts"]:
                    accounts.measure(stack.config)
                case ["growth"]:
                    growth.measure(stack, options.rows)
                case ["scale"]:
                    scale.measure(stack, options.rounds, options.seconds)
                case _:
                    endurance.measure(stack, options.minutes)
        return
    wanted = [case for case, (kind, _) in CASES.items() if not options.case or kind in options.case]
    measure(wanted, options.rounds, options.seconds)


if __name__ == "__main__":
    main()
