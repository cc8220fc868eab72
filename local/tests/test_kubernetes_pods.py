"""How pods run in Kubernetes: what they may, what they may take, and how they come and go."""

from __future__ import annotations

import re

import pytest

from local import settings
from local.services import ROOT, SERVICES, Service
from local.tests.manifests import COMPONENT, NAME, Deployed, deployed, each_overlay, selects

each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
RESTRICTED = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
UNITS = {"Mi": 2**20, "Gi": 2**30}


@pytest.fixture(scope="module")
def local() -> Deployed:
    return deployed("local")


def size(quantity: str) -> int:
    return int(quantity[:-2]) * UNITS[quantity[-2:]]


@each_overlay
def test_every_pod_keeps_to_pod_security_restricted(overlay: str) -> None:
    of = deployed(overlay)
    assert (
        of.of("Namespace")["task-manager"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    )
    for workload in of.workloads():
        pod = workload.pod
        # The user of the Dockerfile; PostgreSQL's image has its own.
        user = 999 if workload.component == "database" else 10001
        assert pod["securityContext"] == {**RESTRICTED, "runAsUser": user, "runAsGroup": user, "fsGroup": user}
        assert pod["automountServiceAccountToken"] is False
        assert not of.of("ServiceAccount")[pod["serviceAccountName"]]["automountServiceAccountToken"]
        assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
        assert all(volume.keys() & {"emptyDir", "secret", "configMap"} for volume in pod["volumes"])
        for container in workload.containers:
            context = dict(container["securityContext"])
            capabilities = context.pop("capabilities")
            assert context == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True}
            assert capabilities["drop"] == ["ALL"]
            # As in compose.yaml.
            assert capabilities.get("add", []) == (["NET_BIND_SERVICE"] if container["name"] == "gateway" else [])


@each_overlay
def test_requests_fit_limits(overlay: str) -> None:
    for workload in deployed(overlay).workloads():
        for container in workload.containers:
            requests, limits = container["resources"]["requests"], container["resources"]["limits"]
            assert requests.keys() == {"cpu", "memory"}
            # A limit of processor time would only make waiting requests wait longer.
            assert limits.keys() == {"memory"}
            assert size(requests["memory"]) <= size(limits["memory"])


def test_the_gateway_has_the_memory_that_its_connections_may_take(local: Deployed) -> None:
    assert local.workload("gateway").main["resources"]["limits"]["memory"] == "2560Mi"
    assert settings.defaults()["GATEWAY_MEMORY"] == "2560m"


@each_overlay
def test_a_drain_goes_on_while_all_is_served(overlay: str) -> None:
    of = deployed(overlay)
    scaled = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"] for each in of.of("HorizontalPodAutoscaler").values()
    }
    budgets = {name: each["spec"]["maxUnavailable"] for name, each in of.of("PodDisruptionBudget").items()}

    assert {name: (spec["minReplicas"], spec["maxReplicas"]) for name, spec in scaled.items()} == dict.fromkeys(
        ("auth-svc", "task-svc", "user-svc", "gateway"), (2, 10)
    )
    assert budgets == dict.fromkeys(scaled, 1)
    for name, deployment in of.of("Deployment").items():
        assert ("replicas" in deployment["spec"]) == (name not in scaled)
        assert deployment["spec"]["strategy"] == {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


@each_service
def test_a_pod_that_ends_has_time_for_what_it_was_sent(local: Deployed, service: Service) -> None:
    gunicorn = (ROOT / "chassis" / "src" / "chassis" / "gunicorn.py").read_text()
    (graceful,) = re.findall(r"^graceful_timeout = (\d+)", gunicorn, re.MULTILINE)
    pod = local.workload(service.name).pod
    sleep = local.workload(service.name).main["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert pod["terminationGracePeriodSeconds"] >= sleep + int(graceful) + 5
    # As long as CoreDNS and the gateway may go on leading here.
    assert sleep > 5 + 1


@each_service
def test_replicas_are_spread_over_hosts(local: Deployed, service: Service) -> None:
    workload = local.workload(service.name)
    spread = workload.pod["topologySpreadConstraints"]

    assert [each["topologyKey"] for each in spread] == ["kubernetes.io/hostname", "topology.kubernetes.io/zone"]
    assert all(selects(each["labelSelector"], workload.labels) for each in spread)
    assert all(each["labelSelector"]["matchLabels"] == {NAME: service.name, COMPONENT: "server"} for each in spread)
