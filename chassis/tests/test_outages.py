"""What is no answer of another service: when it is an outage, when a call is repeated."""

from __future__ import annotations

import gzip
import socket
from contextlib import ExitStack
from time import monotonic

import pytest
import requests
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable

from chassis import clients
from tests.conftest import LogLines
from tests.peers import Behaviour, Peer, break_off, drip, hang_up, later, once_a_connection, raw, refuse, reply, silence

HUGE = b'"' + b"a" * (clients.MAX_BYTES + 1) + b'"'
NO_ANSWERS = {
    "500": reply({"success": True}, 500),
    "503 in our own shape": refuse("service_unavailable", 503),
    "garbage": reply(b"\x00\xff\x00"),
    "html": reply(b"<html>200 OK</html>", headers={"Content-Type": "text/html"}),
    "html 401": reply(b"<html>Unauthorized</html>", 401, {"Content-Type": "text/html"}),
    "301": reply({}, 301, {"Location": "/elsewhere"}),
    "307 without a location": reply({}, 307),
    "huge": reply(HUGE),
    "huge once unpacked": reply(gzip.compress(HUGE), headers={"Content-Encoding": "gzip"}),
    "not the encoding it says": reply(b"{}", headers={"Content-Encoding": "gzip"}),
    "broken off": break_off,
    "a broken chunk": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n"),
    "not http": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "hung up": hang_up,
}


@pytest.mark.parametrize("behaviour", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_what_is_no_answer_is_an_outage(peer: Peer, client_of_peer: ServiceClient, behaviour: Behaviour) -> None:
    peer.behave = behaviour

    with pytest.raises(ServiceUnavailable, match="peer is unavailable; try again shortly"):
        client_of_peer.call("GET", "/things")


def test_a_connection_that_stays_refused_is_an_outage(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.stop()

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")


def test_a_call_waits_for_a_service_that_restarts(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    with socket.socket() as listener, ExitStack() as running:
        listener.bind(("127.0.0.1", 0))
        peer = Peer(listener)

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 2:
                listener.listen()
                running.enter_context(peer)

        monkeypatch.setattr(clients.time, "sleep", pause)

        answer = ServiceClient("peer", peer.url, "the-service-key").call("POST", "/things")

    assert answer.status == 200
    assert pauses == [clients.REFUSED_PAUSE] * 2
    assert [request.method for request in peer.requests] == ["POST"]


def test_an_outage_is_logged_without_what_was_sent(
    peer: Peer, client_of_peer: ServiceClient, log_lines: LogLines
) -> None:
    peer.behave = hang_up

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things", params={"search": "private"}, token="secret")

    written = log_lines.read()
    assert [line["message"] for line in log_lines] == ["peer is unavailable: ConnectionError"]
    assert "private" not in written
    assert "secret" not in written


@pytest.mark.usefixtures("impatient")
def test_silence_is_an_outage_and_not_repeated(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = silence
    started = monotonic()

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")

    assert monotonic() - started < 1
    assert len(peer.requests) == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("status", [302, 500])
def test_the_body_of_what_is_no_answer_is_not_read(peer: Peer, client_of_peer: ServiceClient, status: int) -> None:
    peer.behave = drip(status, "Location: /elsewhere")
    started = monotonic()

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")

    assert monotonic() - started < 0.2
    assert len(peer.requests) == 1


@pytest.mark.usefixtures("impatient")
def test_a_host_that_does_not_take_connections_is_asked_once() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as waiting:
        # The kernel drops what comes while as many wait as may wait.
        for _ in range(4):
            other = waiting.enter_context(socket.socket())
            other.setblocking(False)
            other.connect_ex(listener.getsockname())
        client = ServiceClient("peer", f"http://127.0.0.1:{listener.getsockname()[1]}", "the-service-key")
        started = monotonic()

        with pytest.raises(ServiceUnavailable) as refused:
            client.call("GET", "/things")

    assert isinstance(refused.value.__cause__, requests.ConnectTimeout)
    assert monotonic() - started < 0.2


@pytest.mark.usefixtures("impatient")
def test_a_repetition_has_only_the_time_that_is_left(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = later(0.18, hang_up)
    started = monotonic()

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")

    assert monotonic() - started < 1
    assert len(peer.requests) == 2


def test_a_connection_closed_between_requests_is_repeated_once(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = once_a_connection(reply({"served": True}))
    client_of_peer.call("GET", "/things")

    answer = client_of_peer.call("GET", "/things")

    assert answer.body == {"served": True}
    assert [received.number for received in peer.requests] == [1, 2, 1]


def test_a_broken_connection_is_repeated_only_once(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = hang_up

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")

    assert len(peer.requests) == 2


def test_an_error_status_is_not_repeated(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = reply({}, 502)

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")

    assert len(peer.requests) == 1


def test_a_refusal_is_an_answer_and_no_outage(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = refuse("not_found", 404)

    assert [client_of_peer.call("GET", "/things/1").code for _ in range(2)] == ["not_found", "not_found"]
    assert len(peer.requests) == 2
