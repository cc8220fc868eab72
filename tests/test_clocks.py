"""Replicas of auth_svc whose clocks differ: each takes the other's tokens, and a revocation holds at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local import ports
from local.services import ROOT, find
from tests.conftest import PASSWORD, Persona, failure_of, new_client
from tests.local_stack import LocalStack
from tests.replicas import replica


@contextmanager
def ahead_by(seconds: int) -> Iterator[str]:
    """Run another auth_svc on the stack's database, with a clock that is ahead; give its address."""
    address = f"127.0.0.1:{ports.free(1)[0]}"
    skewed = {"PYTHONPATH": str(ROOT / "tests"), "SKEW": str(seconds)}
    with replica(find("auth-svc"), address, "skewed_clock:application", **skewed):
        yield f"http://{address}"


def sign_in(address: str, email: str) -> str:
    response = new_client().post(f"{address}/auth/login", json={"email": email, "password": PASSWORD})
    assert response.status_code == 200, response.text
    token: str = response.json()["data"]["access_token"]
    return token


def test_a_token_of_a_replica_that_is_ahead_works_everywhere_until_it_is_revoked(
    stack: LocalStack, alice: Persona
) -> None:
    with ahead_by(25) as ahead:
        client = new_client(sign_in(ahead, alice.email))
        served = [client.get(path).status_code for path in ("/auth/me", "/tasks", f"{ahead}/auth/me")]
        client.post("/auth/logout")
        ended = [failure_of(client.get(path)) for path in ("/auth/me", f"{ahead}/auth/me")]
        of_ours = new_client(alice.token).get(f"{ahead}/auth/me")

    assert served == [200, 200, 200]
    assert ended == [(401, "token_invalid")] * 2
    assert of_ours.status_code == 200


@pytest.mark.usefixtures("stack")
def test_a_token_of_a_replica_that_is_further_ahead_is_refused(alice: Persona) -> None:
    with ahead_by(90) as ahead:
        token = sign_in(ahead, alice.email)

        assert failure_of(new_client(token).get("/auth/me")) == (401, "token_invalid")
