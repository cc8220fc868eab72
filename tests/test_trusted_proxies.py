"""Proxies in front of the gateway: the services are told the client's address, whatever the client claims."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from tests.own_gateway import OwnGateway, own_gateway, own_proxy
from tests.test_forged_headers import Echo

CLIENT = "127.0.0.9"
PROXIES = ("127.0.0.2", "127.0.0.3")
FORGED = [
    [],
    [("X-Forwarded-For", "10.9.8.7")],
    [("X-Forwarded-For", "10.9.8.7, 127.0.0.2"), ("X-Forwarded-For", "127.0.0.3")],
    [("X-Forwarded-For", "nonsense")],
    [("Connection", "X-Forwarded-For"), ("X-Forwarded-For", "10.9.8.7")],
    [("Forwarded", "for=10.9.8.7"), ("X-Real-IP", "10.9.8.7")],
]
IDS = ["nothing", "an address", "proxies", "nonsense", "for this hop", "other headers"]


@contextmanager
def entrance(folder: Path, count: int, trusted: str) -> Iterator[OwnGateway]:
    """Run a gateway that trusts these proxies, and so many proxies in front of it; give what clients reach."""
    with ExitStack() as running:
        entrance = running.enter_context(own_gateway(Echo, folder, settings={"TRUSTED_PROXIES": trusted}))
        for address in PROXIES[:count]:
            entrance = running.enter_context(own_proxy(entrance, folder, address))
        yield entrance


@pytest.fixture(scope="module", params=[0, 1, 2], ids="{} proxies".format)
def trusting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnGateway]:
    """The entrance to a system whose gateway trusts the proxies; where there are none, clients reach it themselves."""
    with entrance(tmp_path_factory.mktemp("trusting"), request.param, "127.0.0.2/31") as made:
        yield made


@pytest.fixture(scope="module", params=[0, 1, 2], ids="{} proxies".format)
def distrusting(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnGateway]:
    """The entrance to a system whose gateway trusts nobody."""
    with entrance(tmp_path_factory.mktemp("distrusting"), request.param, "") as made:
        yield made


def arrived(entrance: OwnGateway, *headers: tuple[str, str]) -> dict[str, list[str]]:
    """Send these headers; return those that the service gets, by lower-case name."""
    client = http.client.HTTPConnection(*entrance.address, timeout=20, source_address=(CLIENT, 0))
    with closing(client):
        client.putrequest("GET", "/tasks")
        for name, value in headers:
            client.putheader(name, value)
        client.endheaders()
        got: dict[str, list[str]] = json.load(client.getresponse())
    return got


@pytest.mark.parametrize("forged", FORGED, ids=IDS)
def test_behind_trusted_proxies_a_service_is_told_the_address_of_the_client(
    trusting: OwnGateway, forged: list[tuple[str, str]]
) -> None:
    assert arrived(trusting, *forged)["x-forwarded-for"] == [CLIENT]


def test_nobody_is_told_another_host_than_the_host(trusting: OwnGateway) -> None:
    got = arrived(trusting, ("X-Forwarded-Host", "evil.example"))

    assert "x-forwarded-host" not in got
    assert got["host"] == [f"127.0.0.1:{trusting.port}"]


@pytest.mark.parametrize("forged", FORGED, ids=IDS)
def test_a_proxy_that_nobody_trusts_is_the_client(
    distrusting: OwnGateway, forged: list[tuple[str, str]], request: pytest.FixtureRequest
) -> None:
    proxies: int = request.node.callspec.params["distrusting"]

    assert arrived(distrusting, *forged)["x-forwarded-for"] == [PROXIES[0] if proxies else CLIENT]


def test_the_scheme_is_the_one_that_a_trusted_proxy_was_asked_with(
    trusting: OwnGateway, request: pytest.FixtureRequest
) -> None:
    proxies: int = request.node.callspec.params["trusting"]

    headers = arrived(trusting, ("X-Forwarded-Proto", "https"))

    assert headers["x-forwarded-proto"] == ["https" if proxies else "http"]


def test_a_scheme_of_a_proxy_that_nobody_trusts_changes_nothing(distrusting: OwnGateway) -> None:
    assert arrived(distrusting)["x-forwarded-proto"] == ["http"]
