"""A call ends in time whatever the other side does: its answers drip, its bodies never end."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from time import monotonic

import pytest
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable
from chassis.testing import JSONClient

from chassis import clients
from tests.peers import Behaviour, Connection, Peer, Received, hang_up, later, slowly
from tests.verdicts import OUTAGE, outage_of

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
REFUSAL = b"HTTP/1.1 401 No\r\nContent-Type: application/json\r\n"
LONG = b"X-Thing: " + b"a" * 1000
# Half of the seconds that the other side takes, and many times a call's, so that a loaded machine is in time.
LATE = 2.5


def endless(connection: Connection, received: Received) -> None:
    """Announce an answer again and again, without a pause."""
    ends = monotonic() + 5
    while monotonic() < ends:
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


def first_hang_up(behaviour: Behaviour) -> Behaviour:
    """Break the first connection shortly before the time is over, so that the call is repeated."""
    numbers = itertools.count()
    broken = later(clients.CALL_TIMEOUT * 0.8, hang_up)

    def behave(connection: Connection, received: Received) -> None:
        (behaviour if next(numbers) else broken)(connection, received)

    return behave


SLOW: dict[str, Callable[[], Behaviour]] = {
    "a dripping status line": lambda: slowly(HEAD),
    "dripping headers": lambda: slowly(LONG, at_once=HEAD),
    "dripping headers of a 401": lambda: slowly(LONG, at_once=REFUSAL),
    "a dripping body": lambda: slowly(b" " * 1000, at_once=HEAD + b"Content-Length: 1000\r\n\r\n"),
    "a dripping body of a 401": lambda: slowly(b" " * 1000, at_once=REFUSAL + b"Content-Length: 1000\r\n\r\n"),
    "a dripping body without a length": lambda: slowly(b" " * 1000, at_once=HEAD + b"\r\n"),
    "dripping chunks": lambda: slowly(b"1\r\n \r\n" * 1000, at_once=HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    "one endless chunk header": lambda: slowly(b"0" * 1000, at_once=HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    "endless announcements": lambda: endless,
    "a repetition that drips": lambda: first_hang_up(slowly(HEAD)),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("slow", SLOW.values(), ids=SLOW.keys())
@pytest.mark.usefixtures("impatient")
def test_a_call_ends_in_time(
    peer: Peer, client_of_peer: ServiceClient, slow: Callable[[], Behaviour], method: str
) -> None:
    peer.behave = slow()
    started = monotonic()

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call(method, "/things", json={"a": "b"} if method == "POST" else None)

    assert clients.CALL_TIMEOUT * 0.9 < monotonic() - started < LATE


def test_a_body_that_is_not_read_does_not_hold_a_call(peer: Peer, client_of_peer: ServiceClient) -> None:
    """Longer than what the buffers of the two sides take."""

    def behave(connection: Connection, received: Received) -> None:
        connection.wait(60)

    peer.behave = behave
    peer.read_bodies = False
    started = monotonic()

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("POST", "/things", json="a" * 50_000_000)

    # The other side would take a minute.
    assert monotonic() - started < 30


def test_the_documented_limit_holds_every_call() -> None:
    assert clients.CALL_TIMEOUT <= 2.5
    assert clients.CONNECT_TIMEOUT < clients.CALL_TIMEOUT


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_request_is_answered_in_time_while_auth_svc_drips(auth: Peer, caller: JSONClient, method: str) -> None:
    auth.behave = slowly(LONG, at_once=REFUSAL)
    started = monotonic()

    answer = getattr(caller, method)("/me")

    assert outage_of(answer) == OUTAGE
    assert monotonic() - started < LATE
