"""What a client says about itself in headers goes no further than the gateway, and changes nothing behind it."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.conftest import GATEWAY_URL, Persona
from tests.local_stack import LocalStack
from tests.own_gateway import Stub, own_gateway


class Echo(Stub):
    """A service that answers with the headers that reached it, each with all its values."""

    def do_GET(self) -> None:  # noqa: N802  # The name that http.server calls.
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({name.lower(): self.headers.get_all(name) for name in self.headers}).encode())


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The host and port of a gateway that has echoes for services."""
    with own_gateway(Echo, tmp_path_factory.mktemp("gateway")) as gateway:
        yield f"127.0.0.1:{gateway.port}"


def arrived(echo: str, *headers: tuple[str, str]) -> dict[str, list[str]]:
    """Send these headers to the gateway; return those that the service gets, by lower-case name."""
    with closing(http.client.HTTPConnection(echo, timeout=20)) as connection:
        connection.putrequest("GET", "/tasks")
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders()
        got: dict[str, list[str]] = json.load(connection.getresponse())
    return got


@pytest.mark.parametrize(
    "forged",
    [
        [],
        [("X-Forwarded-For", "10.9.8.7")],
        [("X-Forwarded-For", "10.9.8.7"), ("X-Forwarded-For", "10.9.8.6, 10.9.8.5")],
        [("Connection", "X-Forwarded-For"), ("X-Forwarded-For", "10.9.8.7")],
    ],
    ids=["nothing", "one", "several", "only for this hop"],
)
def test_a_service_is_told_the_address_of_the_client_alone(echo: str, forged: list[tuple[str, str]]) -> None:
    assert arrived(echo, *forged)["x-forwarded-for"] == ["127.0.0.1"]


@pytest.mark.parametrize("name", ["X-Service-Key", "x-service-key", "X-SERVICE-KEY"])
def test_a_service_key_of_a_client_reaches_no_service(echo: str, name: str) -> None:
    headers = arrived(echo, (name, "guess"), ("X-Other", "kept"))

    assert headers["x-other"] == ["kept"]
    assert "x-service-key" not in headers


def test_a_service_key_that_is_only_for_this_hop_reaches_no_service_either(echo: str) -> None:
    assert "x-service-key" not in arrived(echo, ("Connection", "X-Service-Key"), ("X-Service-Key", "guess"))


@pytest.mark.parametrize("connection", ["close", "X-Request-ID", "keep-alive, x-request-id"])
@pytest.mark.parametrize("given", ["my-own.id_1", "bad id!", None], ids=["good", "bad", "none"])
def test_a_service_gets_the_request_id_that_the_client_is_told(echo: str, connection: str, given: str | None) -> None:
    headers = [("Connection", connection), *([("X-Request-ID", given)] if given else [])]
    with closing(http.client.HTTPConnection(echo, timeout=20)) as client:
        client.putrequest("GET", "/tasks")
        for name, value in headers:
            client.putheader(name, value)
        client.endheaders()
        response = client.getresponse()
        told = response.headers.get_all("X-Request-ID")

        assert json.load(response)["x-request-id"] == told
    assert given != "my-own.id_1" or told == [given]


@pytest.mark.parametrize("connection", ["close", "X-Forwarded-Proto, X-Forwarded-Host"])
def test_a_service_is_told_the_scheme_and_host_that_the_client_used(echo: str, connection: str) -> None:
    forged = (("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"))
    headers = arrived(echo, ("Connection", connection), *forged)

    assert headers["x-forwarded-proto"] == ["http"]
    assert headers["host"] == [echo]
    assert "x-forwarded-host" not in headers


def create_two_tasks(persona: Persona) -> None:
    """Make a list of two pages, the first of which names the next by its whole address."""
    for title in ("first", "second"):
        assert persona.client.post("/tasks", json={"title": title}).status_code == 201


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "on"), ("X-Forwarded-Protocol", "ssl")],
)
def test_a_scheme_of_a_clients_own_changes_nothing(alice: Persona, name: str, value: str) -> None:
    create_two_tasks(alice)

    response = alice.client.get("/tasks", params={"page_size": "1"}, headers={name: value})

    assert response.status_code == 200
    assert response.json()["meta"]["next"].startswith(f"{GATEWAY_URL}/tasks?")


@pytest.mark.parametrize("name", ["X-Forwarded-Ssl", "X-Forwarded-Protocol"])
def test_a_service_believes_the_gateway_that_it_is_https(alice: Persona, stack: LocalStack, name: str) -> None:
    create_two_tasks(alice)
    headers = {"X-Forwarded-Proto": "https", name: "http"}

    response = alice.client.get(f"http://127.0.0.1:{os.environ['TASK_PORT']}/tasks?page_size=1", headers=headers)

    assert response.status_code == 200
    assert response.json()["meta"]["next"].startswith("https://")
