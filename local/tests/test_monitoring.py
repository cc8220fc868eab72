"""The rules of Prometheus and the dashboards of Grafana, as far as they can be tried without the system."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.services import ROOT, SERVICES

MONITORING = ROOT / "deploy" / "monitoring"
HEADINGS = re.findall(r"^## (\w+)$", (ROOT / "docs" / "runbooks.md").read_text(), re.MULTILINE)


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.fixture
def alerts() -> list[dict[str, Any]]:
    (group,) = read(MONITORING / "rules" / "alerts.yml")["groups"]
    return list(group["rules"])


def test_every_alert_fires_and_resolves_as_promtool_is_told() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("This test needs promtool: apt install prometheus.")
    for verb, files in (("check", "rules/*.yml"), ("test", "tests/*.yml")):
        command = [promtool, verb, "rules", *map(str, MONITORING.glob(files))]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_unit_test_and_a_runbook(alerts: list[dict[str, Any]]) -> None:
    tests = [test for path in MONITORING.glob("tests/*.yml") for test in read(path)["tests"]]
    fired = {each["alertname"] for test in tests for each in test["alert_rule_test"] if each["exp_alerts"]}

    assert {alert["alert"] for alert in alerts} == fired == set(HEADINGS)
    assert all(alert["annotations"]["runbook"] == f"docs/runbooks.md#{alert['alert'].lower()}" for alert in alerts)


def test_prometheus_in_kubernetes_has_the_same_rules_and_the_same_jobs() -> None:
    component = ROOT / "deploy" / "kubernetes" / "components" / "monitoring"
    groups = [group for file in sorted(MONITORING.glob("rules/*.yml")) for group in read(file)["groups"]]
    monitor = next(yaml.safe_load_all((component / "pods.yaml").read_text()))

    assert read(component / "rules.yaml")["spec"]["groups"] == groups
    assert monitor["spec"]["jobLabel"] == "app.kubernetes.io/name"


def test_prometheus_asks_the_gateway_and_every_service_under_its_name() -> None:
    jobs = {job["job_name"]: job for job in read(MONITORING / "prometheus.yml")["scrape_configs"]}
    compose = read(ROOT / "compose.yaml")["services"]

    for service in SERVICES:
        (target,) = jobs[service.name]["dns_sd_configs"]
        assert target["names"] == [service.name]
        assert compose[service.name]["environment"]["METRICS_BIND"] == f"0.0.0.0:{target['port']}"
        assert "ports" not in compose[service.name]
    assert set(jobs) == {"gateway", "certificates", "disks", *(service.name for service in SERVICES)}


def test_dashboards_take_any_data_source() -> None:
    for path in MONITORING.glob("grafana/dashboards/*.json"):
        board = json.loads(path.read_text())
        assert board["templating"]["list"][0]["type"] == "datasource"
        assert {panel["datasource"]["uid"] for panel in board["panels"]} == {"${datasource}"}


def test_whatever_compose_mounts_for_monitoring_is_there() -> None:
    parts = read(ROOT / "compose.monitoring.yaml")["services"]
    mounted = [volume.split(":")[0] for part in parts.values() for volume in part.get("volumes", ())]

    assert all((ROOT / path).exists() for path in mounted if path.startswith("./"))
    assert all(port.startswith("127.0.0.1:") for part in parts.values() for port in part.get("ports", ()))
