from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from chassis.authentication import TokenValidator
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable
from chassis.testing import AuthStub, JSONClient, Persona, failure_of
from django.conf import LazySettings

from chassis import contracts
from tests.conftest import Clock
from tests.peers import (
    Behaviour,
    Peer,
    break_off,
    hang_up,
    held,
    refuse,
    reply,
    vouch,
)
from tests.verdicts import INVALID, OUTAGE, TOKEN, outage_of


@pytest.mark.parametrize("max_age", [None, 0])
def test_a_verdict_that_may_not_be_remembered_is_asked_for_each_time(
    auth: Peer, caller: JSONClient, max_age: int | None
) -> None:
    auth.behave = vouch(max_age)

    assert [caller.get("/me").status_code for _ in range(3)] == [200, 200, 200]
    assert len(auth.requests) == 3


def test_a_verdict_is_remembered_as_long_as_auth_svc_allows(auth: Peer, caller: JSONClient, clock: Clock) -> None:
    auth.behave = vouch(5)
    caller.get("/me")
    auth.behave = refuse()

    clock.advance(4.5)
    assert caller.get("/me").status_code == 200
    assert len(auth.requests) == 1

    clock.advance(1)
    assert failure_of(caller.get("/me")) == INVALID


def test_a_verdict_is_never_remembered_past_the_tokens_expiry(auth: Peer, caller: JSONClient, clock: Clock) -> None:
    auth.behave = vouch(3600, expires_in=10)
    caller.get("/me")
    auth.behave = hang_up

    clock.advance(9)
    assert caller.get("/me").status_code == 200

    clock.advance(1.1)
    assert outage_of(caller.get("/me")) == OUTAGE


def test_a_refusal_is_not_remembered(auth: Peer, caller: JSONClient) -> None:
    auth.behave = reply(contracts.failure("token_invalid", "No."), 401, {"Cache-Control": "max-age=60"})

    assert [caller.get("/me").status_code for _ in range(2)] == [401, 401]
    assert len(auth.requests) == 2


def test_each_token_is_its_own_account(alice: Persona, bob: Persona, auth_service: AuthStub) -> None:
    for _ in range(2):
        assert alice.client.get("/me").json()["data"]["email"] == alice.email
        assert bob.client.get("/me").json()["data"]["email"] == bob.email

    assert auth_service.calls == 2


def test_each_process_knows_only_the_tokens_that_it_has_asked_about(peer: Peer) -> None:
    validators = [
        TokenValidator(ServiceClient("peer", peer.url, "the-service-key"), stale_seconds=60) for _ in range(2)
    ]
    peer.behave = vouch(5)
    user = validators[0].identify(TOKEN)
    peer.behave = hang_up

    assert validators[0].identify(TOKEN) == user
    with pytest.raises(ServiceUnavailable):
        validators[1].identify(TOKEN)


def test_memory_is_bounded(peer: Peer, validator: TokenValidator) -> None:
    peer.behave = vouch(60)
    for token in ("a", "b", "c", "c", "b", "a"):
        validator.identify(token)

    assert [received.json()["token"] for received in peer.requests] == ["a", "b", "c", "a"]


def test_memory_holds_digests_and_no_tokens(peer: Peer, validator: TokenValidator) -> None:
    peer.behave = vouch(60)

    validator.identify(TOKEN)

    assert list(validator._memory._entries) == [hashlib.sha256(TOKEN.encode()).digest()]
    assert TOKEN not in repr(validator._memory._entries)


def test_an_outage_serves_the_last_verdict_for_the_stale_time_only(
    auth: Peer, caller: JSONClient, clock: Clock, settings: LazySettings
) -> None:
    settings.AUTH_STALE_SECONDS = 60
    auth.behave = vouch(5)
    caller.get("/me")
    auth.behave = break_off

    for seconds in (6, 0.1, 58):
        clock.advance(seconds)
        assert caller.get("/me").status_code == 200
    # The second of these was answered from the memory of the first's failure.
    assert len(auth.requests) == 3

    clock.advance(1)
    assert outage_of(caller.get("/me")) == OUTAGE


def test_without_stale_time_an_outage_is_a_503_at_once(
    auth: Peer, caller: JSONClient, clock: Clock, settings: LazySettings
) -> None:
    settings.AUTH_STALE_SECONDS = 0
    auth.behave = vouch(5)
    caller.get("/me")
    auth.behave = hang_up
    clock.advance(5.1)

    assert outage_of(caller.get("/me")) == OUTAGE


def test_a_stale_verdict_never_outlives_the_token(auth: Peer, caller: JSONClient, clock: Clock) -> None:
    auth.behave = vouch(5, expires_in=20)
    caller.get("/me")
    auth.behave = hang_up

    clock.advance(19)
    assert caller.get("/me").status_code == 200

    clock.advance(1.1)
    assert outage_of(caller.get("/me")) == OUTAGE


def test_a_stale_verdict_that_runs_out_while_asking_is_not_served(auth: Peer, caller: JSONClient, clock: Clock) -> None:
    entered, release = threading.Event(), threading.Event()
    auth.behave = vouch(5)
    caller.get("/me")
    auth.behave = held(entered, release, hang_up)
    clock.advance(64)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(caller.get, "/me")
        assert entered.wait(10)
        clock.advance(1.5)
        release.set()

        assert outage_of(asking.result()) == OUTAGE


def test_a_verdict_that_may_not_be_remembered_is_not_served_stale(auth: Peer, caller: JSONClient, clock: Clock) -> None:
    auth.behave = vouch(5)
    caller.get("/me")
    clock.advance(6)
    auth.behave = vouch(0)
    caller.get("/me")
    auth.behave = hang_up

    assert outage_of(caller.get("/me")) == OUTAGE


@pytest.mark.parametrize(
    ("behaviour", "answer"),
    [(refuse(), INVALID), (vouch(is_active=False), OUTAGE), (refuse("throttled", 429), OUTAGE)],
    ids=["a refusal", "an inactive account", "no verdict"],
)
def test_what_auth_svc_answers_ends_an_older_verdict(
    auth: Peer, caller: JSONClient, clock: Clock, behaviour: Behaviour, answer: tuple[int, str]
) -> None:
    auth.behave = vouch(5)
    caller.get("/me")
    clock.advance(6)

    auth.behave = behaviour
    assert failure_of(caller.get("/me")) == answer

    auth.behave = hang_up
    assert outage_of(caller.get("/me")) == OUTAGE


def test_after_an_outage_verdicts_are_fresh_again(auth: Peer, caller: JSONClient, clock: Clock) -> None:
    auth.behave = hang_up
    assert outage_of(caller.get("/me")) == OUTAGE
    auth.behave = refuse()
    assert outage_of(caller.get("/me")) == OUTAGE

    clock.advance(1.1)
    assert failure_of(caller.get("/me")) == INVALID
