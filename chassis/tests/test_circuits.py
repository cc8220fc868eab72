"""What opens the circuit of a client, and what only fails the request that met it."""

from __future__ import annotations

import pytest
from chassis.circuits import UNUSABLE_ANSWERS
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable

from tests.conftest import Clock
from tests.peers import Behaviour, Peer, hang_up, refuse, reply, silence


def fail(client: ServiceClient, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(ServiceUnavailable):
            client.call("GET", "/things")


def is_open(peer: Peer, client: ServiceClient) -> bool:
    """Return whether a call is refused though the peer would answer it."""
    peer.behave = reply({})
    asked = len(peer.requests)
    try:
        client.call("GET", "/things")
    except ServiceUnavailable:
        assert len(peer.requests) == asked
        return True
    return False


UNUSABLE = {
    "500": reply({}, 500),
    "502": reply(b"", 502),
    "garbage": reply(b"\0"),
    "a redirect": reply({}, 302),
    "a page of a 503": reply(b"<html>", 503),
    "a 503 without a code": reply({}, 503),
    "a 503 with another code": refuse("throttled", 503),
}


@pytest.mark.parametrize("behaviour", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_unusable_answer_fails_its_own_request_alone(
    peer: Peer, client_of_peer: ServiceClient, behaviour: Behaviour
) -> None:
    peer.behave = behaviour
    fail(client_of_peer, UNUSABLE_ANSWERS - 1)

    assert not is_open(peer, client_of_peer)


@pytest.mark.parametrize("behaviour", UNUSABLE.values(), ids=UNUSABLE.keys())
def test_several_unusable_answers_in_a_row_open_the_circuit(
    peer: Peer, client_of_peer: ServiceClient, behaviour: Behaviour
) -> None:
    peer.behave = behaviour
    fail(client_of_peer, UNUSABLE_ANSWERS)

    assert is_open(peer, client_of_peer)


def test_a_good_answer_ends_the_row(peer: Peer, client_of_peer: ServiceClient) -> None:
    for _ in range(2):
        peer.behave = reply({}, 500)
        fail(client_of_peer, UNUSABLE_ANSWERS - 1)
        assert not is_open(peer, client_of_peer)


def test_a_pause_ends_the_row(peer: Peer, client_of_peer: ServiceClient, clock: Clock) -> None:
    peer.behave = reply({}, 500)
    for _ in range(UNUSABLE_ANSWERS):
        fail(client_of_peer)
        clock.advance(1.1)

    assert not is_open(peer, client_of_peer)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("behaviour", [hang_up, silence])
def test_a_failed_connection_and_a_timeout_open_the_circuit_at_once(
    peer: Peer, client_of_peer: ServiceClient, behaviour: Behaviour
) -> None:
    peer.behave = behaviour
    fail(client_of_peer)

    assert is_open(peer, client_of_peer)


def test_a_trial_with_an_unusable_answer_leaves_the_circuit_open(
    peer: Peer, client_of_peer: ServiceClient, clock: Clock
) -> None:
    peer.behave = reply({}, 500)
    fail(client_of_peer, UNUSABLE_ANSWERS)
    clock.advance(1.1)
    fail(client_of_peer)
    assert len(peer.requests) == UNUSABLE_ANSWERS + 1

    assert is_open(peer, client_of_peer)


def test_a_service_that_says_itself_that_it_is_unavailable_is_alive(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = refuse("service_unavailable", 503)
    fail(client_of_peer, UNUSABLE_ANSWERS * 2)

    assert not is_open(peer, client_of_peer)
