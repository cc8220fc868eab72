"""What deploy/kubernetes deploys, for tests to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from local import kubernetes
from local.errors import StackError
from local.kubernetes import Manifest

NAME, COMPONENT = "app.kubernetes.io/name", "app.kubernetes.io/component"
each_overlay = pytest.mark.parametrize("overlay", kubernetes.OVERLAYS)


@cache
def deployed(overlay: str) -> Deployed:
    """Return what an overlay deploys, or skip where nothing can build it."""
    try:
        kubernetes.install()
    except StackError as error:
        pytest.skip(f"{error}.")
    return Deployed(kubernetes.build(overlay))


@dataclass(frozen=True)
class Workload:
    """What makes pods, and how."""

    kind: str
    name: str
    pod: Manifest
    labels: Mapping[str, str]

    @property
    def component(self) -> str:
        return self.labels[COMPONENT]

    @property
    def containers(self) -> list[Manifest]:
        return [*self.pod.get("initContainers", []), *self.pod["containers"]]

    @property
    def main(self) -> Manifest:
        (container,) = self.pod["containers"]
        return dict(container)

    def port(self, name: str | int) -> int:
        """Return a port of its main container by its name."""
        ports = {each["name"]: each["containerPort"] for each in self.main["ports"]}
        return int(ports[name])

    def variables(self) -> dict[str, str]:
        """Return the variables that are set for the main container itself."""
        return {each["name"]: each["value"] for each in self.main.get("env", [])}


class Deployed:
    """The manifests of an overlay, by what they are."""

    def __init__(self, manifests: list[Manifest]) -> None:
        self.manifests = manifests

    def of(self, kind: str) -> dict[str, Manifest]:
        return {each["metadata"]["name"]: each for each in self.manifests if each["kind"] == kind}

    def workloads(self) -> Iterator[Workload]:
        """Return what makes pods of a template; those of CloudNativePG are its own affair."""
        for each in self.manifests:
            if each["kind"] in ("Deployment", "StatefulSet", "Job"):
                template = each["spec"]["template"]
                labels = template["metadata"]["labels"]
                yield Workload(each["kind"], each["metadata"]["name"], template["spec"], labels)

    def workload(self, name: str) -> Workload:
        return next(each for each in self.workloads() if each.name == name)

    def labels_of_pods(self) -> list[Mapping[str, str]]:
        """Return the labels of every kind of pod, the databases' too."""
        labels = [each.labels for each in self.workloads()]
        labels += [each["spec"]["inheritedMetadata"]["labels"] for each in self.of("Cluster").values()]
        return labels + [each["spec"]["template"]["metadata"]["labels"] for each in self.of("Pooler").values()]

    def settings(self, workload: Workload) -> dict[str, str]:
        """Return everything that the environment of a workload's main container has."""
        found: dict[str, str] = {}
        for source in workload.main.get("envFrom", []):
            found |= self.of("ConfigMap")[source["configMapRef"]["name"]]["data"]
        return found | workload.variables()


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Return whether a label selector matches."""
    for each in selector.get("matchExpressions", []):
        assert each["operator"] == "In"
        if labels.get(each["key"]) not in each["values"]:
            return False
    return bool(selector.get("matchLabels", {}).items() <= labels.items())
