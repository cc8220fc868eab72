"""Which addresses count as one client: a client with an IPv6 address has a whole network of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from accounts.throttling import client_of
from chassis.environment import Rate
from chassis.testing import JSONClient
from chassis.testing.admin import sign_in
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona, limit

HOUR = timedelta(hours=1)
ENDPOINTS = [
    ("login_ip", "/auth/login"),
    ("sign_in", "/auth/login"),
    ("register", "/auth/register"),
    ("refresh", "/auth/refresh"),
    ("reset", "/auth/password/reset"),
    ("reset_confirm", "/auth/password/reset/confirm"),
    ("validate", "/auth/validate-token"),
]
BODIES = {"/auth/login": {"email": "nobody@example.com", "password": "wrong horse"}}
SAME_NETWORK = ("2001:db8::1", "2001:DB8:0:0::2", "2001:db8::ffff:ffff:ffff:ffff")
NEXT_NETWORK = "2001:db8:0:1::1"


@pytest.mark.parametrize(("scope", "path"), ENDPOINTS)
def test_addresses_of_one_network_share_every_limit(settings: Settings, db: None, scope: str, path: str) -> None:
    limit(settings, scope, Rate(2, HOUR))

    def is_throttled(address: str) -> bool:
        client = JSONClient(headers={"X-Forwarded-For": address})
        return bool(client.post(path, BODIES.get(path)).status_code == 429)

    assert [is_throttled(address) for address in SAME_NETWORK] == [False, False, True]
    assert not is_throttled(NEXT_NETWORK)


def test_they_share_that_of_the_admins_form(settings: Settings, staff: Persona) -> None:
    limit(settings, "login_ip", Rate(2, HOUR))

    def status(address: str, password: str) -> int:
        _, response = sign_in("staff@example.com", password, headers={"X-Forwarded-For": address})
        return int(response.status_code)

    assert [status(address, "wrong horse") for address in SAME_NETWORK] == [200, 200, 429]
    assert status(NEXT_NETWORK, PASSWORD) == 302


def test_they_share_that_of_the_other_services_forms(settings: Settings, service: JSONClient, staff: Persona) -> None:
    limit(settings, "login_ip", Rate(2, HOUR))

    def status(address: str, password: str) -> int:
        body = {"email": "staff@example.com", "password": password, "address": address}
        return int(service.post("/internal/staff", body).status_code)

    assert [status(address, "wrong horse") for address in SAME_NETWORK] == [401, 401, 429]
    assert status(NEXT_NETWORK, PASSWORD) == 200


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::ffff:c000:207", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("", ""),
        ("unknown", "unknown"),
        ("192.0.2.7:4711", "192.0.2.7:4711"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("2001:db8::1%", "2001:db8::1%"),
        ("\0", "\0"),
        ("\u0663", "\u0663"),
        pytest.param("9" * 5000, "9" * 5000, id="long"),
    ],
)
def test_one_client_is_an_ipv4_address_a_network_or_whatever_it_says(address: str, client: str) -> None:
    assert client_of(address) == client
