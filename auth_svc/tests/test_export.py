"""GET /auth/export: the caller's account and sessions, without what is secret."""

from __future__ import annotations

import json

import pytest
from chassis.testing import JSONClient, failure_of

from tests.conftest import Persona

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_export_is_the_account_and_its_sessions_as_they_are_shown(alice: Persona, bob: Persona) -> None:
    alice.sign_in()
    account = alice.client.get("/auth/me").json()["data"]
    sessions = alice.client.get("/auth/sessions").json()["data"]

    first, *others = [json.loads(line) for line in alice.client.get("/auth/export").getvalue().splitlines()]

    assert first == {"type": "account", **account, "email_verified_at": None}
    assert len(sessions) == 2
    assert sorted(others, key=lambda line: line["id"]) == sorted(
        ({"type": "session", **session} for session in sessions), key=lambda line: line["id"]
    )


def test_an_export_holds_no_hash_and_no_token(alice: Persona) -> None:
    export = alice.client.get("/auth/export").getvalue().decode()

    alice.user.refresh_from_db()
    assert alice.user.email in export
    for secret in (alice.user.password, alice.access_token, alice.refresh_token):
        assert secret not in export
    assert set(json.loads(export.splitlines()[0])) == {
        "type",
        "id",
        "email",
        "is_active",
        "is_staff",
        "created_at",
        "email_verified_at",
    }


def test_an_export_needs_a_token(anonymous: JSONClient) -> None:
    assert failure_of(anonymous.get("/auth/export")) == (401, "not_authenticated")
