from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from chassis.admin.staff import StaffDirectory
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable
from rest_framework.exceptions import Throttled

from tests.conftest import Clock
from tests.peers import Behaviour, Peer, hang_up, held, refuse, reply
from tests.staff import DAY, ID, staff_of


@pytest.fixture
def directory(client_of_peer: ServiceClient) -> StaffDirectory:
    """The directory of a service, empty."""
    return StaffDirectory(client_of_peer, stale_seconds=60)


def test_credentials_are_checked_by_auth_svc_with_the_clients_address(peer: Peer, directory: StaffDirectory) -> None:
    peer.behave = reply(staff_of())

    identity = directory.sign_in("staff@example.com", "the password", "192.0.2.7")

    assert identity is not None
    assert (identity.id, identity.email, identity.is_superuser) == (ID, "staff@example.com", False)
    (received,) = peer.requests
    assert (received.method, received.target) == ("POST", "/internal/staff")
    assert received.json() == {"email": "staff@example.com", "password": "the password", "address": "192.0.2.7"}


@pytest.mark.parametrize("behaviour", [refuse("invalid_credentials"), refuse("validation_error", 400)])
def test_wrong_credentials_are_nobody(peer: Peer, directory: StaffDirectory, behaviour: Behaviour) -> None:
    peer.behave = behaviour

    assert directory.sign_in("staff@example.com", "wrong", "192.0.2.7") is None


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry-After": "7"}, 7), ({}, 60)])
def test_too_many_attempts_are_told_when_to_come_back(
    peer: Peer, directory: StaffDirectory, headers: dict[str, str], seconds: int
) -> None:
    peer.behave = reply({"error": {"code": "throttled"}}, 429, headers)

    with pytest.raises(Throttled) as refused:
        directory.sign_in("staff@example.com", "wrong", "192.0.2.7")

    assert vars(refused.value)["wait"] == seconds


NO_VERDICT = {
    "500": reply({}, 500),
    "hanging up": hang_up,
    "a 403": refuse("permission_denied", 403),
    "null": reply(None),
    "a list": reply([staff_of()]),
    "no fields": reply({}),
    "no fingerprint": reply(staff_of(session_hash="")),
    "superuser in words": reply(staff_of(is_superuser="false")),
    "an id that is none": reply(staff_of(id="1")),
    "an id that is a number": reply(staff_of(id=1)),
}


@pytest.mark.parametrize("behaviour", NO_VERDICT.values(), ids=NO_VERDICT.keys())
def test_what_is_no_verdict_lets_nobody_in(peer: Peer, directory: StaffDirectory, behaviour: Behaviour) -> None:
    peer.behave = behaviour

    with pytest.raises(ServiceUnavailable):
        directory.find(ID)


def test_an_account_is_remembered_as_long_as_auth_svc_allows(
    peer: Peer, directory: StaffDirectory, clock: Clock
) -> None:
    peer.behave = reply(staff_of(), headers=DAY)
    for _ in range(2):
        assert directory.find(ID) is not None
    assert len(peer.requests) == 1

    clock.advance(5.1)
    directory.find(ID)
    assert len(peer.requests) == 2


def test_an_account_that_may_not_be_remembered_is_asked_for_each_time(peer: Peer, directory: StaffDirectory) -> None:
    peer.behave = reply(staff_of())

    for _ in range(2):
        assert directory.find(ID) is not None
    assert len(peer.requests) == 2


def test_a_fresh_answer_takes_none_that_is_remembered(peer: Peer, directory: StaffDirectory) -> None:
    peer.behave = reply(staff_of(), headers=DAY)
    directory.find(ID)
    peer.behave = hang_up

    with pytest.raises(ServiceUnavailable):
        directory.find(ID, fresh=True)


def test_an_outage_serves_the_last_answer_for_the_stale_time_only(
    peer: Peer, directory: StaffDirectory, clock: Clock
) -> None:
    peer.behave = reply(staff_of(), headers=DAY)
    directory.find(ID)
    peer.behave = hang_up

    clock.advance(64)
    assert directory.find(ID) is not None
    clock.advance(2)
    with pytest.raises(ServiceUnavailable):
        directory.find(ID)


def test_a_stale_identity_that_runs_out_while_asking_is_not_served(
    peer: Peer, directory: StaffDirectory, clock: Clock
) -> None:
    entered, release = threading.Event(), threading.Event()
    peer.behave = reply(staff_of(), headers=DAY)
    directory.find(ID)
    peer.behave = held(entered, release, hang_up)
    clock.advance(64)

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(directory.find, ID)
        assert entered.wait(10)
        clock.advance(1.5)
        release.set()

        with pytest.raises(ServiceUnavailable):
            asking.result()


@pytest.mark.parametrize(
    "behaviour", [refuse("permission_denied", 403), reply(staff_of(session_hash=""))], ids=["a 403", "no fingerprint"]
)
def test_what_auth_svc_answers_ends_an_older_identity(
    peer: Peer, directory: StaffDirectory, clock: Clock, behaviour: Behaviour
) -> None:
    peer.behave = reply(staff_of(), headers=DAY)
    directory.find(ID)
    clock.advance(6)

    peer.behave = behaviour
    with pytest.raises(ServiceUnavailable):
        directory.find(ID)

    peer.behave = hang_up
    with pytest.raises(ServiceUnavailable):
        directory.find(ID)


def test_an_identity_that_may_not_be_remembered_ends_an_older_one(
    peer: Peer, directory: StaffDirectory, clock: Clock
) -> None:
    peer.behave = reply(staff_of(), headers=DAY)
    directory.find(ID)
    clock.advance(6)
    peer.behave = reply(staff_of())
    assert directory.find(ID) is not None

    peer.behave = hang_up
    with pytest.raises(ServiceUnavailable):
        directory.find(ID)


def test_who_is_staff_no_more_is_forgotten(peer: Peer, directory: StaffDirectory, clock: Clock) -> None:
    peer.behave = reply(staff_of(), headers=DAY)
    directory.find(ID)
    clock.advance(6)
    peer.behave = refuse("not_found", 404)
    assert directory.find(ID) is None

    peer.behave = hang_up
    with pytest.raises(ServiceUnavailable):
        directory.find(ID)
