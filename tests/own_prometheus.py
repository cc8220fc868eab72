"""A Prometheus of a test's own, which watches the stack with our rules, their minutes made seconds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from local import ports
from local.config import Config
from local.services import ROOT
from tests.waiting import eventually

RULES = ROOT / "deploy" / "monitoring" / "rules"
WINDOWS = {"5m": "8s", "15m": "8s", "30m": "10s", "1h": "12s", "6h": "14s"}
# Five minutes of a job or a transaction; a worker gives a sign of life every ten seconds.
THRESHOLDS = {"> 300": "> 5", "> 120": "> 30"}


class Prometheus:
    """Where it listens."""

    def __init__(self, port: str) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def query(self, expression: str) -> list[dict[str, Any]]:
        answer = requests.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=10)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]["result"]
        return found

    def firing(self, within: float | None = None) -> set[str]:
        """Return the alerts that fire, or that have fired within so many seconds, each with its service."""
        expression = 'ALERTS{alertstate="firing"}'
        found = self.query(expression if within is None else f"last_over_time({expression}[{int(within) + 1}s])")
        return {f"{each['metric']['alertname']} {each['metric']['job']}" for each in found}

    def scrapes_all(self) -> bool:
        return len(self.query("up == 1")) == len(Config().metrics_addresses())


def scaled(rules: str) -> str:
    """Return rules whose times pass in seconds."""
    rules = re.sub(r"for: \w+", "for: 1s", rules)
    # A worker that is started again after an outage takes some seconds.
    rules = re.sub(r"(alert: WorkerSilent\n.+\n +for:) 1s", r"\1 10s", rules)
    rules = re.sub(r"\[(\w+)\]", lambda window: f"[{WINDOWS[window[1]]}]", rules)
    for given, changed in THRESHOLDS.items():
        rules = rules.replace(given, changed)
    return rules


@contextmanager
def own_prometheus(home: Path) -> Iterator[Prometheus]:
    """Run a Prometheus that has seen every part of the stack."""
    program = shutil.which("prometheus")
    if program is None:
        pytest.skip("This test needs Prometheus: apt install prometheus.")
    for path in RULES.iterdir():
        (home / path.name).write_text(scaled(path.read_text()))
    config = {
        # A scrape waits a second for the database.
        "global": {"scrape_interval": "1500ms", "scrape_timeout": "1500ms", "evaluation_interval": "1s"},
        "rule_files": [str(home / path.name) for path in RULES.iterdir()],
        "scrape_configs": [
            {"job_name": name, "static_configs": [{"targets": [address]}]}
            for name, address in Config().metrics_addresses().items()
        ],
    }
    (home / "prometheus.yml").write_text(yaml.safe_dump(config))
    port = ports.free(1)[0]
    prometheus = Prometheus(port)
    options = ["--storage.tsdb.path", str(home / "data"), "--web.listen-address", f"127.0.0.1:{port}"]
    command = [program, "--config.file", str(home / "prometheus.yml"), *options]
    environment = {name: value for name, value in os.environ.items() if name != "STACK_DATA_DIR"}
    with (home / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log, env=environment) as process:
        try:
            eventually(lambda: answers(prometheus), within=30)
            eventually(prometheus.scrapes_all, within=30)
            yield prometheus
        finally:
            process.terminate()


def answers(prometheus: Prometheus) -> bool:
    try:
        return requests.get(f"{prometheus.url}/-/ready", timeout=2).status_code == 200
    except requests.RequestException:
        return False
