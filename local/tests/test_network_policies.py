"""The network policies allow the calls of docs/architecture.md, "Who calls whom", and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from local.kubernetes import Manifest
from local.services import ROOT, SERVICES
from local.tests.manifests import COMPONENT, NAME, Deployed, deployed, each_overlay, selects

# A pod, as its two labels; a call, from one to another at a port.
Pod = tuple[str, str]
Call = tuple[Pod, Pod, int]
POSTGRES = 5432
MAIL = {25, 465, 587}
OUTSIDE = {"clients", "the mail server"}
GATEWAY: Pod = ("gateway", "gateway")


def rows() -> Iterator[tuple[str, str]]:
    """Return each row of the table, caller and called, one of each."""
    section = (ROOT / "docs" / "architecture.md").read_text().split("## Who calls whom")[1].split("\n## ")[0]
    for callers, called in re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", section, re.MULTILINE):
        if (callers, called) != ("from", "to"):
            yield from ((caller, each) for caller in callers.split(", ") for each in called.split(", "))


def documented(of: Deployed) -> set[Call]:
    """Return the calls of the table within the system."""
    pods = {pod_of(labels) for labels in of.labels_of_pods()}
    ports = {service.directory.name: (service.name, service.default_port) for service in SERVICES}
    calls: set[Call] = set()
    for caller, called in rows():
        if caller == "each service":
            assert called == "its own database"
            owners = [pod for pod in pods if pod[0] in {service.name for service in SERVICES}]
            calls |= {(pod, (f"{pod[0].removesuffix('-svc')}-db", "database"), POSTGRES) for pod in owners}
        elif not {caller, called} & OUTSIDE:
            name, port = ports[called]
            calls.add((pod_named(caller), (name, "server"), port if caller == "gateway" else port + 100))
    return calls


def pod_named(words: str) -> Pod:
    """Return the pod that the table names."""
    if words == "gateway":
        return GATEWAY
    worker = words.removeprefix("the worker of ")
    return worker.replace("_", "-"), "server" if worker == words else "worker"


def pod_of(labels: Mapping[str, str]) -> Pod:
    return labels[NAME], labels[COMPONENT]


def allowed(of: Deployed, direction: str, other_end: str) -> set[Call]:
    """Return the calls within the system that the policies of one direction allow."""
    everybody = [*of.labels_of_pods()]
    calls: set[Call] = set()
    for policy in of.of("NetworkPolicy").values():
        chosen = [labels for labels in everybody if selects(policy["spec"]["podSelector"], labels)]
        for rule in policy["spec"].get(direction, []):
            others = [
                labels for labels in everybody if any(selects_here(end, labels) for end in rule.get(other_end, []))
            ]
            for mine in chosen:
                for other in others:
                    ends = (other, mine) if direction == "ingress" else (mine, other)
                    calls |= {(pod_of(ends[0]), pod_of(ends[1]), port["port"]) for port in rule["ports"]}
    return calls


def selects_here(end: Manifest, labels: Mapping[str, str]) -> bool:
    return "namespaceSelector" not in end and selects(end["podSelector"], labels)


def between_services(calls: set[Call]) -> set[Call]:
    """Return the calls without those of a database's instances to each other."""
    return {call for call in calls if call[0] != call[1] or call[0][1] != "database"}


@each_overlay
def test_the_policies_are_the_call_graph_of_the_documentation(overlay: str) -> None:
    of = deployed(overlay)

    assert between_services(allowed(of, "egress", "to")) == documented(of)
    assert between_services(allowed(of, "ingress", "from")) == documented(of)


@each_overlay
def test_what_no_policy_allows_is_denied_both_ways(overlay: str) -> None:
    denied = deployed(overlay).of("NetworkPolicy")["default-deny"]["spec"]

    assert denied == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@each_overlay
def test_clients_reach_the_gateway_alone_and_the_worker_the_mail_server(overlay: str) -> None:
    of = deployed(overlay)
    everybody = of.labels_of_pods()
    from_anywhere: set[tuple[Pod, int]] = set()
    to_anywhere: set[tuple[Pod, int]] = set()
    for policy in of.of("NetworkPolicy").values():
        chosen = {pod_of(labels) for labels in everybody if selects(policy["spec"]["podSelector"], labels)}
        for direction, end, found in (("ingress", "from", from_anywhere), ("egress", "to", to_anywhere)):
            ports = [
                port["port"] for rule in policy["spec"].get(direction, []) if end not in rule for port in rule["ports"]
            ]
            found |= {(pod, port) for pod in chosen for port in ports}

    assert ("clients", "gateway") in rows()
    assert from_anywhere == {(GATEWAY, of.workload("gateway").port("http"))}
    assert ("the worker of auth_svc", "the mail server") in rows()
    assert {call for call in to_anywhere if call[0][1] != "database"} == {
        (("auth-svc", "worker"), port) for port in MAIL
    }


@each_overlay
def test_everybody_may_ask_for_names(overlay: str) -> None:
    names = deployed(overlay).of("NetworkPolicy")["names"]["spec"]

    assert names["podSelector"] == {}
    assert [port["port"] for rule in names["egress"] for port in rule["ports"]] == [53, 53]
