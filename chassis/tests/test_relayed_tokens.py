"""What another service says of a caller's token that is relayed to it."""

from __future__ import annotations

import pytest
from chassis.authentication import call_as_user, token_validator
from chassis.clients import ServiceClient
from chassis.exceptions import TokenInvalid

from tests.peers import Peer, refuse, reply, vouch
from tests.verdicts import TOKEN


def test_a_token_that_another_service_refuses_is_invalid_and_asked_for_again(
    auth: Peer, client_of_peer: ServiceClient
) -> None:
    auth.behave = vouch(60)
    token_validator().identify(TOKEN)
    auth.behave = refuse()

    with pytest.raises(TokenInvalid):
        call_as_user(client_of_peer, TOKEN, "GET", "/things")
    with pytest.raises(TokenInvalid):
        token_validator().identify(TOKEN)

    assert [request.target for request in auth.requests] == ["/auth/validate-token", "/things", "/auth/validate-token"]
    assert auth.requests[1].headers["authorization"] == f"Bearer {TOKEN}"


def test_any_other_answer_is_the_callers_to_read(auth: Peer, client_of_peer: ServiceClient) -> None:
    auth.behave = vouch(60)
    token_validator().identify(TOKEN)
    auth.behave = reply({"error": {"code": "not_authenticated"}}, 401)

    assert call_as_user(client_of_peer, TOKEN, "GET", "/things", params={"a": "b"}).status == 401
    token_validator().identify(TOKEN)

    assert [request.target for request in auth.requests] == ["/auth/validate-token", "/things?a=b"]
