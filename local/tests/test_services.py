"""Whatever lists the services lists those of local/services.py."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

from local import settings
from local.programs import PROGRAMS, STAND_INS
from local.services import ROOT, SERVICES, Service

each_service = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


def test_every_django_project_is_listed() -> None:
    assert {path.parent for path in ROOT.glob("*/manage.py")} == {service.directory for service in SERVICES}


@each_service
def test_compose_has_all_parts_of_a_service(compose: Any, service: Service) -> None:
    parts = compose["services"]
    process = parts[service.name]

    assert process["build"]["args"]["SERVICE"] == service.directory.name
    assert process["environment"]["BIND"] == f"0.0.0.0:{service.default_port}"
    assert process["environment"]["SERVICES_BIND"] == f"0.0.0.0:{service.default_port + 100}"
    assert process["environment"]["SECRET_KEY"] == f"${{{service.key_setting}:-}}"
    assert process["environment"]["DATABASE_URL"] == f"${{{service.url_setting}:-}}"
    for other in SERVICES:
        address = f"http://{other.name}:{other.default_port + 100}"
        assert process["environment"][f"{other.short.upper()}_SERVICE_URL"] == address
    assert parts[f"{service.short}-db"]["environment"]["SERVICE"] == service.short
    direct = {"DATABASE_URL": f"${{{service.direct_url_setting}:-${{{service.url_setting}:-}}}}"}
    assert parts[f"{service.short}-migrate"]["environment"] == process["environment"] | direct
    assert service.name in parts["gateway"]["depends_on"]
    assert f"{service.short}-static:/srv/static/{service.prefix}/static:ro" in parts["gateway"]["volumes"]


def test_the_worker_of_compose_has_a_session_of_its_own(compose: Any) -> None:
    parts = compose["services"]

    assert parts["auth-worker"]["environment"] == parts["auth-migrate"]["environment"]


def test_compose_has_no_other_service(compose: Any) -> None:
    built = {part["build"]["args"]["SERVICE"] for part in compose["services"].values() if "build" in part}

    assert built == {service.directory.name for service in SERVICES}


@each_service
def test_the_gateway_routes_the_prefix_of_a_service_to_it(service: Service) -> None:
    caddyfile = (ROOT / "gateway" / "Caddyfile").read_text()

    assert re.search(
        rf"@{service.prefix} path /{service.prefix} /{service.prefix}/\*\n\s+handle @{service.prefix} {{\n"
        rf"\s+import service {{\$GATEWAY_UPSTREAMS:replicas}} "
        rf"{{\${service.short.upper()}_UPSTREAM:{service.name} {service.default_port}}}\n",
        caddyfile,
    )


def test_the_gateway_leaves_idle_connections_before_a_worker_that_ends_closes_them() -> None:
    (milliseconds,) = re.findall(r"\n\s+keepalive (\d+)ms\n", (ROOT / "gateway" / "Caddyfile").read_text())

    assert int(milliseconds) / 1000 < STOP_KEEPALIVE_LINGER / 4


def test_the_supervisor_has_every_program_of_the_stack() -> None:
    programs = re.findall(r"^\[program:(.+)\]$", (ROOT / "local" / "supervisord.conf").read_text(), re.MULTILINE)

    assert sorted(programs) == sorted([*PROGRAMS, *STAND_INS.values()])
    assert {service.name for service in SERVICES} < set(programs)


def test_manage_all_checks_every_service() -> None:
    (listed,) = re.findall(r"^services=\((.*)\)$", (ROOT / "manage_all.sh").read_text(), re.MULTILINE)

    assert listed.split() == [service.directory.name for service in SERVICES]


@each_service
def test_every_setting_of_a_service_is_documented(service: Service) -> None:
    assert {
        service.port_setting,
        service.key_setting,
        service.url_setting,
        service.direct_url_setting,
    } < settings.names()
