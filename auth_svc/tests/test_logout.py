from __future__ import annotations

import pytest
from accounts.models import Session
from accounts.tokens import token_pair
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import at_once

from tests.conftest import Persona


def test_logging_out_ends_the_session_and_its_refresh_token(alice: Persona) -> None:
    response = alice.client.post("/auth/logout")

    assert response.status_code == 200
    assert response.json()["data"] is None
    assert failure_of(alice.client.get("/auth/me")) == (401, "token_invalid")
    refreshed = JSONClient().post("/auth/refresh", {"refresh_token": alice.refresh_token})
    assert failure_of(refreshed) == (401, "token_invalid")


def test_logging_out_leaves_other_sessions(alice: Persona, bob: Persona) -> None:
    other = Session.objects.open(alice.user)
    assert other is not None

    alice.client.post("/auth/logout")

    assert JSONClient(token_pair(other)["access_token"]).get("/auth/me").status_code == 200
    assert bob.is_signed_in()


def test_logging_out_twice_is_a_401(alice: Persona) -> None:
    alice.client.post("/auth/logout")

    assert failure_of(alice.client.post("/auth/logout")) == (401, "token_invalid")


def test_logging_out_needs_a_token(anonymous: JSONClient) -> None:
    response = anonymous.post("/auth/logout")

    assert failure_of(response) == (401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.django_db(transaction=True)
def test_logging_out_while_the_account_is_deleted_is_no_error(alice: Persona) -> None:
    def act(index: int) -> int:
        if index:
            return int(alice.client.post("/auth/logout").status_code)
        alice.user.delete()
        return 200

    assert set(at_once(6, act)) <= {200, 401}


def test_ending_a_session_that_is_gone_is_no_error(alice: Persona) -> None:
    stale = Session.objects.get(pk=alice.session.pk)
    alice.user.delete()

    stale.revoke()

    assert not Session.objects.exists()
