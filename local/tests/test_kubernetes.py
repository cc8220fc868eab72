"""What the schemas of Kubernetes cannot see: that the manifests fit each other, the code and compose.yaml."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from local import kubernetes, settings
from local.services import ROOT, SERVICES, Service
from local.tests.manifests import NAME, Deployed, Workload, deployed, each_overlay, selects

each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
# Settings of .env.example that a cluster has another way of saying, or no use for.
ELSEWHERE = {
    "GATEWAY_PORT": "the Service",
    "BIND_ADDRESS": "a pod has one address",
    "COMPOSE_FILE": "compose alone",
    "GATEWAY_MEMORY": "the gateway's limit of memory",
    "DATA_DIR": "the local stack alone",
    "AUTH_PORT": "the local stack alone",
    "TASK_PORT": "the local stack alone",
    "USER_PORT": "the local stack alone",
    "DEBUG_PAGES": "the local stack alone",
    "GATEWAY_METRICS_PORT": "8200 in every pod",
    "AUTH_METRICS_PORT": "8200 in every pod",
    "TASK_METRICS_PORT": "8200 in every pod",
    "USER_METRICS_PORT": "8200 in every pod",
}
OURS = ("auth-svc", "auth-worker", "auth-migrate", "task-svc", "task-migrate", "user-svc", "user-migrate", "gateway")


@pytest.fixture(scope="module")
def local() -> Deployed:
    return deployed("local")


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


@each_overlay
def test_every_object_is_valid(overlay: str) -> None:
    assert [fault for each in deployed(overlay).manifests for fault in kubernetes.faults(each)] == []


def test_a_field_that_does_not_exist_is_not_valid(local: Deployed) -> None:
    service = local.of("Service")["auth-svc"]
    misspelt = {**service, "spec": {**service["spec"], "selectors": {}}}

    assert len(kubernetes.faults(misspelt)) == 1


@each_overlay
def test_every_selector_matches_the_pods_of_one_workload(overlay: str) -> None:
    of = deployed(overlay)
    selectors = {
        f"Service {name}": {"matchLabels": each["spec"]["selector"]} for name, each in of.of("Service").items()
    }
    for kind in ("Deployment", "StatefulSet", "PodDisruptionBudget"):
        selectors |= {f"{kind} {name}": each["spec"]["selector"] for name, each in of.of(kind).items()}
    matched = {
        what: [each.name for each in of.workloads() if selects(selector, each.labels)]
        for what, selector in selectors.items()
    }

    assert {what: names for what, names in matched.items() if len(names) != 1} == {}
    assert all(names == [what.split()[1].removesuffix("-replicas")] for what, names in matched.items())


@each_overlay
def test_every_service_leads_to_a_port_that_is_listened_on(overlay: str) -> None:
    of = deployed(overlay)
    for name, service in of.of("Service").items():
        workload = of.workload(name.removesuffix("-replicas"))
        for port in service["spec"]["ports"]:
            assert workload.port(port["targetPort"]), name


@each_service
def test_a_service_listens_where_the_gateway_and_the_others_look_for_it(local: Deployed, service: Service) -> None:
    workload = local.workload(service.name)
    ours = workload.variables()

    assert ours["BIND"] == f"0.0.0.0:{workload.port('gateway')}"
    assert ours["SERVICES_BIND"] == f"0.0.0.0:{workload.port('services')}"
    upstream, port = local.workload("gateway").variables()[f"{service.short.upper()}_UPSTREAM"].split()
    assert local.of("Service")[upstream]["spec"]["clusterIP"] == "None"
    assert int(port) == workload.port("gateway")
    for other in OURS[:-1]:
        address = local.workload(other).variables()[f"{service.short.upper()}_SERVICE_URL"]
        name, port = address.removeprefix("http://").split(":")
        (listed,) = local.of("Service")[name]["spec"]["ports"]
        assert (name, int(port), listed["targetPort"]) == (service.name, listed["port"], "services")
        assert workload.port("services") == listed["port"]


@each_service
def test_every_probe_asks_for_what_the_code_serves(local: Deployed, service: Service) -> None:
    urls = (service.directory / "config" / "urls.py").read_text()
    container = local.workload(service.name).main
    probes = {kind: container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")}

    assert {kind: probe["path"] for kind, probe in probes.items()} == {
        "startup": "/health/live",
        "liveness": "/health/live",
        "readiness": "/health",
    }
    for probe in probes.values():
        assert f'path("{probe["path"].removeprefix("/")}", ' in urls
        assert probe["port"] == "services"
        # Django refuses a pod's address as the host.
        assert probe["httpHeaders"] == [{"name": "Host", "value": "localhost"}]


def test_the_gateway_is_asked_for_its_own_health(local: Deployed) -> None:
    gateway = local.workload("gateway")
    asked = [gateway.main[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]

    assert asked == [{"path": "/health", "port": "http"}] * 3
    assert "\thandle /health {\n" in (ROOT / "gateway" / "Caddyfile").read_text()
    assert gateway.variables()["SITE_ADDRESS"] == f":{gateway.port('http')}"


def base_settings() -> dict[str, str]:
    """Return the settings of the base, each of which stands in one file."""
    found: list[tuple[str, str]] = []
    for file in sorted((ROOT / "deploy" / "kubernetes" / "base" / "settings").iterdir()):
        found += [(name, value) for name, _, value in (line.partition("=") for line in file.read_text().splitlines())]
    assert len(found) == len(dict(found))
    return dict(found)


def test_every_setting_is_in_the_base_or_elsewhere_and_no_other() -> None:
    known = {name for name in settings.defaults() if not settings.is_secret(name)}

    assert base_settings().keys() | ELSEWHERE.keys() == known
    assert not base_settings().keys() & ELSEWHERE.keys()


def test_the_base_has_the_defaults_but_refuses_common_passwords() -> None:
    given = {name: value for name, value in base_settings().items() if value}
    differing = {name: value for name, value in given.items() if settings.defaults()[name] != value}

    assert differing == {"PASSWORD_REJECT_COMMON": "true"}


@each_service
def test_a_service_has_every_setting_that_its_code_reads(local: Deployed, service: Service) -> None:
    code = (service.directory / "config" / "settings.py").read_text()
    code += (ROOT / "chassis" / "src" / "chassis" / "gunicorn.py").read_text()
    read = set(re.findall(r'env\.\w+\("(\w+)"', code)) | {"DATABASE_URL", "SITE_ADDRESS", "ALLOWED_HOSTS", "LOG_LEVEL"}
    # Where the image has its files; what only a developer wants.
    read -= {"STATIC_ROOT", "DEBUG_PAGES"}
    given = {name.removesuffix("_FILE") for name in local.settings(local.workload(service.name))}

    assert read <= given


@each_service
def test_every_secret_is_a_file(local: Deployed, service: Service) -> None:
    secret = next(each for name, each in local.of("Secret").items() if name.startswith(f"{service.name}-"))
    named: set[str] = set()
    for workload in local.workloads():
        if workload.labels[NAME] != service.name:
            continue
        files = {value for name, value in workload.variables().items() if name.endswith("_FILE")}
        assert all(settings.is_secret(name) == name.endswith("_FILE") for name in local.settings(workload))
        assert "database_url" in " ".join(files)
        assert ("/run/secrets/direct_database_url" in files) == (workload.component != "server")
        assert workload.pod["volumes"][0]["secret"] == {"secretName": secret["metadata"]["name"], "defaultMode": 0o440}
        assert {"name": "secrets", "mountPath": "/run/secrets", "readOnly": True} in workload.main["volumeMounts"]
        named |= {file.removeprefix("/run/secrets/") for file in files}

    assert named == secret["data"].keys()


@each_overlay
def test_images_and_their_tags_stand_in_one_place(overlay: str, compose: Any) -> None:
    folder = ROOT / "deploy" / "kubernetes"
    listed = yaml.safe_load((folder / "overlays" / overlay / "kustomization.yaml").read_text())["images"]
    images = {each["name"]: f"{each.get('newName', each['name'])}:{each['newTag']}" for each in listed}
    used = {each["image"] for workload in deployed(overlay).workloads() for each in workload.containers}

    assert used == set(images.values())
    assert images["caddy"] == compose["services"]["gateway"]["image"]
    if overlay == "local":
        assert images["postgres"] == compose["services"]["auth-db"]["image"]
    for manifest in (folder / "base").rglob("*.yaml"):
        assert not re.search(r"image: \S*:", manifest.read_text()), manifest


def test_the_gateway_has_every_page_and_the_static_files_of_every_service(local: Deployed) -> None:
    gateway = local.workload("gateway")
    volumes = {each["name"]: each for each in gateway.pod["volumes"]}
    pages = ROOT / "gateway" / "pages"
    files = {str(file.relative_to(pages)) for file in pages.rglob("*") if file.is_file()}
    items = volumes["pages"]["configMap"]["items"]
    stored = local.of("ConfigMap")[volumes["pages"]["configMap"]["name"]]["data"]

    assert {each["path"] for each in items} == files
    assert {each["key"] for each in items} == stored.keys()
    # What etcd takes of one object is 1 MiB.
    assert sum(len(text.encode()) for text in stored.values()) < 900_000
    for service in SERVICES:
        (copying,) = [each for each in gateway.containers if each["name"] == f"{service.short}-static"]
        assert copying["image"] == local.workload(service.name).main["image"]
        assert copying["command"][-1].endswith(f"cp -r static /srv/static/{service.prefix}/")


@each_service
def test_a_migration_expands_and_no_more(local: Deployed, service: Service) -> None:
    migration = local.workload(f"{service.short}-migrate")

    assert migration.main["command"] == ["python", "manage.py", "migrate", "--no-input", "--expand"]
    assert migration.main["image"] == local.workload(service.name).main["image"]


def test_the_database_of_the_local_overlay_is_that_of_compose(local: Deployed, compose: Any) -> None:
    for service in SERVICES:
        database: Workload = local.workload(f"{service.short}-db")
        composed = compose["services"][f"{service.short}-db"]
        given = database.variables()

        assert database.main["args"] == composed["command"]
        assert {name: given[name] for name in composed["environment"]} == composed["environment"]
