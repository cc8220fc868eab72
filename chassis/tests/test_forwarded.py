from __future__ import annotations

import pytest
from chassis.contracts import client_address
from django.test import RequestFactory


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (None, "10.0.0.1"),
        ("", "10.0.0.1"),
        ("192.0.2.7", "192.0.2.7"),
        ("203.0.113.9, 192.0.2.7", "192.0.2.7"),
        ("forged,192.0.2.7 ", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_address_is_the_one_the_gateway_saw(forwarded: str | None, address: str) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}

    assert client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")) == address
