"""How long an outage of another service is remembered, and who finds out that it has ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable

from chassis import circuits
from tests.conftest import Clock
from tests.peers import Peer, break_off, held, reply


def test_an_outage_is_remembered_for_a_second(peer: Peer, client_of_peer: ServiceClient, clock: Clock) -> None:
    peer.behave = break_off
    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")
    peer.behave = reply({})

    clock.advance(0.9)
    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")
    assert len(peer.requests) == 1

    clock.advance(0.2)
    assert client_of_peer.call("GET", "/things").status == 200
    assert client_of_peer.call("GET", "/things").status == 200


def test_an_outage_that_goes_on_is_remembered_for_another_second(
    peer: Peer, client_of_peer: ServiceClient, clock: Clock
) -> None:
    peer.behave = break_off
    for seconds in (1.1, 0.9, 0.2):
        with pytest.raises(ServiceUnavailable):
            client_of_peer.call("GET", "/things")
        clock.advance(seconds)

    assert len(peer.requests) == 2


def fail_then_hold(peer: Peer, client_of_peer: ServiceClient, clock: Clock) -> tuple[threading.Event, threading.Event]:
    """Let an outage pass its second; return the arrival of the next request, and what lets it be answered."""
    peer.behave = break_off
    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")
    clock.advance(1.1)
    entered, release = threading.Event(), threading.Event()
    peer.behave = held(entered, release, reply({}))
    return entered, release


def test_one_request_tries_after_an_outage_and_the_others_go_on_with_its_answer(
    peer: Peer, client_of_peer: ServiceClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits = threading.Event()

    class Watched(threading.Condition):
        def wait_for(self, predicate: Callable[[], object], timeout: float | None = None) -> Any:
            waits.set()
            return super().wait_for(predicate, timeout and 10)  # However slow the machine.

    monkeypatch.setattr(client_of_peer._breaker, "_changed", Watched())
    entered, release = fail_then_hold(peer, client_of_peer, clock)

    with ThreadPoolExecutor(2) as pool:
        trying = pool.submit(client_of_peer.call, "GET", "/things")
        assert entered.wait(10)
        other = pool.submit(client_of_peer.call, "GET", "/things")
        assert waits.wait(10)
        assert len(peer.requests) == 2
        release.set()
        assert [trying.result().status, other.result().status] == [200, 200]


def test_the_others_are_answered_at_once_when_the_request_that_tries_has_no_answer_soon(
    peer: Peer, client_of_peer: ServiceClient, clock: Clock
) -> None:
    entered, release = fail_then_hold(peer, client_of_peer, clock)

    with ThreadPoolExecutor(1) as pool:
        trying = pool.submit(client_of_peer.call, "GET", "/things")
        assert entered.wait(10)
        clock.advance(circuits.TRIAL_PATIENCE)
        for _ in range(3):
            with pytest.raises(ServiceUnavailable):
                client_of_peer.call("GET", "/things")
        assert len(peer.requests) == 2
        release.set()
        assert trying.result().status == 200

    assert client_of_peer.call("GET", "/things").status == 200
