from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable
from chassis.logging import request_id
from django.db import transaction

from tests.peers import Peer, reply


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


@pytest.mark.django_db
def test_no_call_is_made_in_a_transaction(peer: Peer, client_of_peer: ServiceClient) -> None:
    with pytest.raises(RuntimeError, match="in a transaction"), transaction.atomic():
        client_of_peer.call("GET", "/things")
    assert not peer.requests

    assert client_of_peer.call("GET", "/things").status == 200


@pytest.mark.django_db(transaction=True)
def test_no_call_is_made_in_the_outermost_transaction_either(peer: Peer, client_of_peer: ServiceClient) -> None:
    with pytest.raises(RuntimeError, match="in a transaction"), transaction.atomic():
        client_of_peer.call("GET", "/things")

    assert client_of_peer.call("GET", "/things").status == 200


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
    page = [task] * (1024 * 1024 // len(json.dumps(task)))
    peer.behave = reply(page)

    assert client_of_peer.call("GET", "/tasks/tasks").body == page


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
