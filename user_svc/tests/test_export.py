"""GET /users/export: the caller's profile."""

from __future__ import annotations

import json

import pytest
from chassis.testing import JSONClient, Persona, failure_of

from tests.acts import make_profile

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_export_is_the_profile_as_it_is_shown(alice: Persona, bob: Persona) -> None:
    make_profile(alice, bio="Zeile\nfür Zeile")
    make_profile(bob)
    shown = alice.client.get("/users/me").json()["data"]
    del shown["profile_created"]

    (line,) = alice.client.get("/users/export").getvalue().splitlines()

    assert json.loads(line) == {"type": "profile", **shown}


def test_somebody_without_a_profile_gets_an_empty_export(alice: Persona) -> None:
    response = alice.client.get("/users/export")

    assert (response.status_code, response.getvalue()) == (200, b"")


def test_an_export_needs_a_token(anonymous: JSONClient) -> None:
    assert failure_of(anonymous.get("/users/export")) == (401, "not_authenticated")
