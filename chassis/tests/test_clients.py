from __future__ import annotations

import gzip
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from time import monotonic

import pytest
import requests
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable
from chassis.logging import request_id

from chassis import clients
from tests.conftest import Clock, LogLines
from tests.peers import Behaviour, Peer, drip, hang_up, held, later, once_a_connection, raw, refuse, reply, silence


def test_an_answer_is_its_status_headers_and_json(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = reply({"a": [1]}, 201, {"X-Thing": "b"})

    answer = client_of_peer.call("GET", "/things")

    assert (answer.status, answer.headers["x-thing"], answer.body) == (201, "b", {"a": [1]})


def test_an_answer_may_be_empty(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = reply(b"", 204)

    answer = client_of_peer.call("DELETE", "/things/1")

    assert (answer.status, answer.body, answer.code) == (204, None, None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"code": "not_found"}}, "not_found"),
        ({"error": {}}, None),
        ({"error": "not_found"}, None),
        ({"error": None}, None),
        ([{"error": {"code": "not_found"}}], None),
        ("not_found", None),
    ],
    ids=["ours", "no code", "a text", "null", "a list", "only a text"],
)
def test_the_code_of_a_failure_is_read_from_our_shape_only(
    peer: Peer, client_of_peer: ServiceClient, body: object, code: str | None
) -> None:
    peer.behave = reply(body, 404)

    assert client_of_peer.call("GET", "/things/1").code == code


def test_a_request_carries_service_key_request_id_token_and_json(peer: Peer, client_of_peer: ServiceClient) -> None:
    given = request_id.set("abc-123")
    try:
        client_of_peer.call("POST", "/things", json={"a": "ü"}, params={"page_size": 100}, token="the-token")
    finally:
        request_id.reset(given)

    (received,) = peer.requests
    assert (received.method, received.target) == ("POST", "/things?page_size=100")
    assert received.json() == {"a": "ü"}
    assert received.headers["content-type"] == "application/json"
    assert received.headers["x-service-key"] == "the-service-key"
    assert received.headers["x-request-id"] == "abc-123"
    assert received.headers["authorization"] == "Bearer the-token"


def test_a_request_without_token_or_request_id_sends_neither(peer: Peer, client_of_peer: ServiceClient) -> None:
    client_of_peer.call("GET", "/things")

    assert {"authorization", "x-request-id", "content-type"}.isdisjoint(peer.requests[0].headers)


def test_calls_share_a_connection(peer: Peer, client_of_peer: ServiceClient) -> None:
    for _ in range(3):
        client_of_peer.call("GET", "/things")

    assert (len(peer.requests), peer.connections) == (3, 1)


def test_each_thread_has_its_own_connection(peer: Peer, client_of_peer: ServiceClient) -> None:
    together = threading.Barrier(3)

    def call() -> None:
        together.wait()
        client_of_peer.call("GET", "/things")

    with ThreadPoolExecutor(3) as pool:
        for future in [pool.submit(call) for _ in range(3)]:
            future.result()

    assert peer.connections == 3


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
    "cut off": raw(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"success": true}'),
    "a broken chunk": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n"),
    "not http": raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "hung up": hang_up,
}


@pytest.mark.parametrize("behaviour", NO_ANSWERS.values(), ids=NO_ANSWERS.keys())
def test_what_is_no_answer_is_an_outage(peer: Peer, client_of_peer: ServiceClient, behaviour: Behaviour) -> None:
    peer.behave = behaviour

    with pytest.raises(ServiceUnavailable, match="peer is unavailable; try again shortly"):
        client_of_peer.call("GET", "/things")


def test_a_refused_connection_is_an_outage(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.stop()

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")


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


def test_a_body_that_drips_is_an_outage_within_the_time_limits(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = drip()
    started = monotonic()

    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")

    assert clients.CONNECT_TIMEOUT + clients.READ_TIMEOUT == 2.5
    assert 2.4 < monotonic() - started < 3.5
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

    assert monotonic() - started < 0.35
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


def test_an_outage_is_remembered_for_a_second(peer: Peer, client_of_peer: ServiceClient, clock: Clock) -> None:
    peer.behave = reply({}, 500)
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
    peer.behave = reply({}, 500)
    for seconds in (1.1, 0.9, 0.2):
        with pytest.raises(ServiceUnavailable):
            client_of_peer.call("GET", "/things")
        clock.advance(seconds)

    assert len(peer.requests) == 2


def test_one_request_tries_after_an_outage_while_the_others_are_answered_at_once(
    peer: Peer, client_of_peer: ServiceClient, clock: Clock
) -> None:
    peer.behave = reply({}, 500)
    with pytest.raises(ServiceUnavailable):
        client_of_peer.call("GET", "/things")
    clock.advance(1.1)
    entered, release = threading.Event(), threading.Event()
    peer.behave = held(entered, release, reply({}))

    with ThreadPoolExecutor(1) as pool:
        trying = pool.submit(client_of_peer.call, "GET", "/things")
        assert entered.wait(10)
        for _ in range(3):
            with pytest.raises(ServiceUnavailable):
                client_of_peer.call("GET", "/things")
        assert len(peer.requests) == 2
        release.set()
        assert trying.result().status == 200

    assert client_of_peer.call("GET", "/things").status == 200


def test_a_refusal_is_an_answer_and_no_outage(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = refuse("not_found", 404)

    assert [client_of_peer.call("GET", "/things/1").code for _ in range(2)] == ["not_found", "not_found"]
    assert len(peer.requests) == 2


def test_a_redirect_is_not_followed(peer: Peer, client_of_peer: ServiceClient) -> None:
    with Peer() as elsewhere:
        peer.behave = reply({}, 307, {"Location": elsewhere.url + "/things"})

        with pytest.raises(ServiceUnavailable):
            client_of_peer.call("POST", "/things", json={}, token="the-token")

        assert elsewhere.requests == []


def test_the_environments_proxies_and_netrc_have_no_effect(
    peer: Peer, client_of_peer: ServiceClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login mallory password guess\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with Peer() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("no_proxy", "")

        client_of_peer.call("GET", "/things", token="the-token")
        client_of_peer.call("GET", "/things")

        assert proxy.requests == []
    assert [received.headers.get("authorization") for received in peer.requests] == ["Bearer the-token", None]


def test_cookies_of_one_answer_do_not_reach_the_next_request(peer: Peer, client_of_peer: ServiceClient) -> None:
    peer.behave = reply({}, headers={"Set-Cookie": "session=alice; Path=/"})

    client_of_peer.call("GET", "/things")
    client_of_peer.call("GET", "/things")

    assert "cookie" not in peer.requests[1].headers


def test_the_largest_page_of_tasks_is_an_answer(peer: Peer, client_of_peer: ServiceClient) -> None:
    task = {"title": "\x01" * 200, "description": "\x01" * 10_000, "labels": ["\x01" * 50] * 20}
    peer.behave = reply([task] * 100)

    assert len(client_of_peer.call("GET", "/tasks/tasks").body) == 100


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("private, max-age=5", 5),
        ("max-age=0", 0),
        ("private", 0),
        ("no-store", 0),
        ("max-age=9999999", 0),
        ("max-age=-1", 0),
        ("max-age=soon", 0),
    ],
)
def test_an_answer_may_be_remembered_only_as_long_as_it_says(
    peer: Peer, client_of_peer: ServiceClient, header: str, seconds: int
) -> None:
    peer.behave = reply({}, headers={"Cache-Control": header})

    assert client_of_peer.call("GET", "/things").max_age == seconds


def test_an_answer_that_does_not_say_is_not_remembered(peer: Peer, client_of_peer: ServiceClient) -> None:
    assert client_of_peer.call("GET", "/things").max_age == 0
