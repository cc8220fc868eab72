"""What auth_svc's verdict on a token makes of a request: a plugin, with auth_svc on a real socket."""

from __future__ import annotations

from typing import Any

import pytest
from chassis.authentication import TokenValidator
from chassis.clients import ServiceClient
from chassis.testing import JSONClient, failure_of
from django.conf import LazySettings

from tests.peers import Peer

TOKEN = "alices.access.token"
INVALID = (401, "token_invalid")
OUTAGE = (503, "service_unavailable")


@pytest.fixture
def auth(peer: Peer, settings: LazySettings) -> Peer:
    """auth_svc on a real socket."""
    settings.AUTH_SERVICE_URL = peer.url
    return peer


@pytest.fixture
def client() -> JSONClient:
    """Somebody without a token."""
    return JSONClient()


@pytest.fixture
def caller() -> JSONClient:
    """Somebody with a token that only auth_svc can judge."""
    return JSONClient(TOKEN)


@pytest.fixture
def validator(client_of_peer: ServiceClient) -> TokenValidator:
    """A validator that remembers two identities."""
    return TokenValidator(client_of_peer, stale_seconds=60, size=2)


def outage_of(response: Any) -> tuple[int, str]:
    """Check that an answer tells when to come back and challenges nobody; return its status and code."""
    assert response.headers["Retry-After"] == "1"
    assert "WWW-Authenticate" not in response.headers
    return failure_of(response)
