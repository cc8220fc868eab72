"""Load from wrk, and what it cost the machine."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psutil

IN_TURN = """
local tokens, count = {%s}, 0
function request()
    count = count + 1
    wrk.headers["Authorization"] = tokens[count %% #tokens + 1]
    return wrk.format()
end
"""
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True)
class Request:
    """A request to send over and over, with one token or some in turn, each connection with a pause in milliseconds."""

    path: str
    token: str = ""
    body: Any = None
    pause: int = 0
    tokens: tuple[str, ...] = ()


@dataclass(frozen=True)
class Figures:
    """The result of a load: requests a second, milliseconds at two percentiles, and answers that were no success."""

    rate: float
    p50: float
    p99: float
    failed: int


def require_wrk() -> None:
    if shutil.which("wrk") is None:
        raise SystemExit("manage_all.sh: bench needs wrk; on Debian: apt install wrk.")


def wrk(base: str, request: Request, *, connections: int, seconds: int) -> Figures:
    """Load one address for some seconds and return the figures."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write('wrk.headers["Content-Type"] = "application/json"\n')
        if request.token:
            script.write(f"wrk.headers['Authorization'] = {json.dumps('Bearer ' + request.token)}\n")
        if request.tokens:
            script.write(IN_TURN % ", ".join(json.dumps(f"Bearer {token}") for token in request.tokens))
        if request.body is not None:
            script.write(f'wrk.method = "POST"\nwrk.body = [==[{json.dumps(request.body)}]==]\n')
        if request.pause:
            script.write(f"function delay() return {request.pause} end\n")
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--latency"]
        result = subprocess.run(
            [*command, "-s", script.name, base + request.path], capture_output=True, text=True, check=True
        )
    output = result.stdout
    failed = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", output)))
    failed += sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", output)))
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    assert rate, output
    return Figures(float(rate[1]), _percentile(output, 50), _percentile(output, 99), failed)


def _percentile(output: str, percent: int) -> float:
    match = re.search(rf"^ +{percent}% +([\d.]+)(us|ms|s|m) *$", output, re.M)
    assert match, output
    return float(match[1]) * UNITS[match[2]]


def proportional_memory(processes: Iterable[psutil.Process]) -> float:
    """Return the processes' proportional set size in MB; memory that they share counts once."""
    total = 0
    for process in processes:
        try:
            with open(f"/proc/{process.pid}/smaps_rollup") as file:
                match = re.search(r"^Pss:\s+(\d+) kB", file.read(), re.M)
        except OSError:
            continue
        total += int(match[1]) if match else 0
    return total / 1024
