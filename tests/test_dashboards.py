"""Every panel of the dashboards shows something on a stack under load, and every metric is shown or watched."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import yaml

from local.config import Config
from local.services import ROOT
from tests.conftest import Persona, join, new_client
from tests.local_stack import LocalStack
from tests.own_prometheus import RULES, Prometheus, own_prometheus
from tests.waiting import eventually

DASHBOARDS = sorted((ROOT / "deploy" / "monitoring" / "grafana" / "dashboards").glob("*.json"))
PANELS = [(path.stem, panel) for path in DASHBOARDS for panel in json.loads(path.read_text())["panels"]]
QUERIES = [
    pytest.param(target["expr"], id=f"{name}: {panel['title']} {target['refId']}")
    for name, panel in PANELS
    for target in panel["targets"]
]
EVERY_RULE = [
    rule for path in RULES.iterdir() for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]
]
# Prometheus's own, the blackbox exporter's, node_exporter's, and the kubelet's.
FOREIGN = {"up", "probe_ssl_earliest_cert_expiry", "node_filesystem_avail_bytes", "node_filesystem_size_bytes"}
FOREIGN |= {"kubelet_volume_stats_available_bytes", "kubelet_volume_stats_capacity_bytes"}
WORDS = {"sum", "max", "by", "le", "or", "and", "on", "without", "code", "job", "limit", "outcome", "peer"}
WORDS |= {"http_request_method", "http_response_status_code", "http_route"}


def load(alice: Persona) -> None:
    """Have each kind of request that is counted apart."""
    for _ in range(30):
        alice.client.post("/tasks", json={"title": "some load"})
        alice.client.get("/tasks")
        alice.client.get("/users/me/tasks")
    for _ in range(6):
        new_client().post("/auth/login", json={"email": alice.email, "password": "a wrong password"})


@pytest.fixture(scope="module")
def loaded(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has watched a stack under load."""
    alice = join("alice")
    Config().backup_stamp.touch()
    with own_prometheus(tmp_path_factory.mktemp("prometheus")) as prometheus:
        # The first of each kind is no rate yet.
        load(alice)
        eventually(lambda: prometheus.query("rate_limit_refusals_total"), within=10)
        load(alice)
        yield prometheus


@pytest.mark.parametrize("query", QUERIES)
def test_a_panel_shows_something(loaded: Prometheus, query: str) -> None:
    query = query.replace("$__rate_interval", "2m").replace("$job", ".*")

    eventually(lambda: any(shows(each) for each in loaded.query(query)), within=10)


def shows(found: dict[str, Any]) -> bool:
    return found["value"][1] not in ("NaN", "+Inf")


def used() -> set[str]:
    """Return the names of metrics that rules and panels ask for, without what Prometheus's client appends to them."""
    expressions = [str(query.values[0]) for query in QUERIES] + [rule["expr"] for rule in EVERY_RULE]
    found = set()
    for expression in expressions:
        bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", expression)
        found |= set(re.findall(r"(?<![\w:])[a-z_][\w:]*(?![\w:]|\s*\()", bare))
    recorded = {rule["record"] for rule in EVERY_RULE if "record" in rule}
    return {re.sub("_(total|bucket|count|sum)$", "", name) for name in found - recorded - WORDS} - FOREIGN


def shown_by(name: str) -> set[str]:
    """Return the names of the metrics of one part."""
    text = requests.get(f"http://{Config().metrics_addresses()[name]}/metrics", timeout=10).text
    return {name.removesuffix("_total") for name in re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)}


def test_every_metric_of_a_rule_or_panel_exists_and_every_metric_of_ours_is_in_one(loaded: Prometheus) -> None:
    ours = {metric for name in Config().metrics_addresses() if name != "gateway" for metric in shown_by(name)}
    caddys = {name for name in used() if name.startswith("caddy_")}

    assert used() - caddys == ours
    assert caddys <= shown_by("gateway")
