from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from chassis.authentication import TokenValidator
from chassis.exceptions import ServiceUnavailable, TokenInvalid

from tests.peers import (
    Behaviour,
    Peer,
    held,
    later,
    refuse,
    reply,
    vouch,
)
from tests.verdicts import TOKEN

THREADS = 8


@contextmanager
def together(peer: Peer, behaviour: Behaviour) -> Iterator[threading.Barrier]:
    """Hold the peer's answer until all threads have started, and a moment longer."""
    started = threading.Barrier(THREADS + 1)
    release = threading.Event()
    peer.behave = held(threading.Event(), release, later(0.2, behaviour))

    def release_all() -> None:
        started.wait(10)
        release.set()

    releaser = threading.Thread(target=release_all)
    releaser.start()
    yield started
    releaser.join()


def identify_together(validator: TokenValidator, started: threading.Barrier) -> list[Any]:
    """Ask for one token in many threads; return what each got, or the exception it met."""

    def ask() -> Any:
        started.wait(10)
        try:
            return validator.identify(TOKEN)
        except (TokenInvalid, ServiceUnavailable) as error:
            return error

    with ThreadPoolExecutor(THREADS) as pool:
        return [future.result() for future in [pool.submit(ask) for _ in range(THREADS)]]


@pytest.mark.parametrize("max_age", [0, 5])
def test_concurrent_misses_for_one_token_make_one_call(peer: Peer, validator: TokenValidator, max_age: int) -> None:
    with together(peer, vouch(max_age)) as started:
        users = identify_together(validator, started)

    assert len({user.id for user in users}) == 1
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("behaviour", "kind"),
    [(refuse(), TokenInvalid), (reply({}, 500), ServiceUnavailable)],
    ids=["refusal", "outage"],
)
def test_each_waiting_thread_gets_an_exception_of_its_own(
    peer: Peer, validator: TokenValidator, behaviour: Behaviour, kind: type[Exception]
) -> None:
    with together(peer, behaviour) as started:
        errors = identify_together(validator, started)

    assert [type(error) for error in errors] == [kind] * THREADS
    assert len({id(error) for error in errors}) == THREADS
    assert len({str(error.detail) for error in errors}) == 1
    assert len(peer.requests) == 1


@contextmanager
def overtaken(validator: TokenValidator) -> Iterator[None]:
    """Enter the validator's lock after somebody else's whole call for the same token."""
    validator._lock = threading.Lock()
    validator.identify(TOKEN)
    with validator._lock:
        yield


def test_a_miss_that_another_call_answers_meanwhile_makes_none(
    peer: Peer, validator: TokenValidator, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer.behave = vouch(5)
    monkeypatch.setattr(validator, "_lock", overtaken(validator))

    validator.identify(TOKEN)

    assert len(peer.requests) == 1


def test_concurrent_misses_for_different_tokens_do_not_wait_for_each_other(
    peer: Peer, validator: TokenValidator
) -> None:
    entered, release = threading.Event(), threading.Event()
    peer.behave = held(entered, release, vouch(5))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(validator.identify, "a")
        assert entered.wait(10)
        peer.behave = vouch(5)

        assert isinstance(validator.identify("b").id, UUID)
        assert not waiting.done()
        release.set()
        assert isinstance(waiting.result().id, UUID)


def test_an_address_that_is_none_is_an_outage_and_blocks_nobody(validator: TokenValidator) -> None:
    validator.client.base_url = ""

    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            validator.identify(TOKEN)
    assert validator._pending == {}
