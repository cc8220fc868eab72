from __future__ import annotations

import pytest
from chassis.authentication import MAX_TOKEN_LENGTH, token_validator
from chassis.testing import JSONClient, Persona, failure_of
from django.conf import LazySettings

from chassis import contracts
from tests.conftest import LogLines
from tests.peers import (
    Behaviour,
    Peer,
    drip,
    hang_up,
    identity,
    later,
    raw,
    refuse,
    reply,
    silence,
    vouch,
)
from tests.verdicts import INVALID, OUTAGE, TOKEN, outage_of


def test_a_vouched_token_is_its_account(auth: Peer, caller: JSONClient) -> None:
    facts = identity()
    auth.behave = reply(contracts.success(facts, "OK"))

    response = caller.get("/me")

    assert response.status_code == 200
    assert response.json()["data"]["id"] == facts["user_id"]
    assert response.json()["data"]["email"] == "alice@example.com"


def test_the_token_is_sent_in_the_body_with_service_key_and_request_id(
    auth: Peer, caller: JSONClient, settings: LazySettings
) -> None:
    auth.behave = vouch()

    caller.get("/me", headers={"X-Request-ID": "abc-123"})

    (received,) = auth.requests
    assert (received.method, received.target) == ("POST", "/auth/validate-token")
    assert received.json() == {"token": TOKEN}
    assert received.headers["x-service-key"] == settings.SERVICE_KEY
    assert received.headers["x-request-id"] == "abc-123"
    assert "authorization" not in received.headers


def test_a_refused_token_is_a_401_with_a_challenge(auth: Peer, caller: JSONClient) -> None:
    auth.behave = refuse()

    response = caller.get("/me")

    assert failure_of(response) == INVALID
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="api"')
    assert "Retry-After" not in response.headers


def test_no_token_is_a_401_with_a_challenge_and_asks_nobody(auth: Peer) -> None:
    response = JSONClient().get("/me")

    assert failure_of(response) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert auth.requests == []


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer a b", b"Bearer \xff".decode("latin-1"), "Basic YTpi", f"Bearer {'a' * (MAX_TOKEN_LENGTH + 1)}"],
    ids=["empty", "two words", "not UTF-8", "another scheme", "too long"],
)
def test_what_cannot_be_a_token_is_a_401_and_asks_nobody(auth: Peer, header: str) -> None:
    response = JSONClient(HTTP_AUTHORIZATION=header).get("/me")

    assert response.status_code == 401
    assert failure_of(response)[1] in ("authentication_failed", "not_authenticated", "token_invalid")
    assert auth.requests == []


def test_a_token_beyond_ascii_is_sent_as_it_is(auth: Peer) -> None:
    auth.behave = refuse()

    response = JSONClient(HTTP_AUTHORIZATION="Bearer ü".encode().decode("latin-1")).get("/me")

    assert failure_of(response) == INVALID
    assert auth.requests[0].json() == {"token": "ü"}


NO_VERDICT: dict[str, Behaviour] = {
    "500": reply({}, 500),
    "503": refuse("not_ready", 503),
    "a 500 that says token_invalid": refuse("token_invalid", 500),
    "garbage": reply(b"\xff\x00garbage"),
    "an HTML 401": reply(b"<html>Unauthorized</html>", 401, {"Content-Type": "text/html"}),
    "an empty 401": reply(b"", 401),
    "a 401 for another reason": refuse("not_authenticated", 401),
    "a 401 of another shape": reply({"detail": "token_invalid", "error": "token_invalid"}, 401),
    "a 400 that says token_invalid": refuse("token_invalid", 400),
    "a 403": refuse("permission_denied", 403),
    "a 404": refuse("not_found", 404),
    "a 429": refuse("throttled", 429),
    "a redirect": reply({}, 307, {"Location": "/auth/login"}),
    "a huge body": reply(b" " * (8 * 1024 * 1024 + 1)),
    "hanging up": hang_up,
    "a cut off answer": raw(b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"success": true'),
    "an empty 200": reply(b""),
    "a 200 that is a list": reply([1]),
    "a 200 that is null": reply(None),
    "a 200 that failed": reply(contracts.failure("token_invalid", "No.")),
    "success that is not true": reply({"success": 1, "data": identity()}),
    "a 201": reply(contracts.success(identity(), "OK"), 201),
    "no data": reply(contracts.success(None, "OK")),
    "data that is a list": reply(contracts.success([identity()], "OK")),
    "no fields": reply(contracts.success({}, "OK")),
    "an inactive account": vouch(is_active=False),
    "an account that is active in words": vouch(is_active="true"),
    "staff in words": vouch(is_staff="false"),
    "an id that is none": vouch(user_id="1"),
    "an id that is a number": vouch(user_id=1),
    "no e-mail": vouch(email=None),
    "no expiry": vouch(expires_at=None),
    "an expiry that is a number": vouch(expires_at=4102444800),
    "an expiry without a zone": vouch(expires_at="2099-01-01T00:00:00"),
    "an expiry before time": vouch(expires_at="0001-01-01T00:00:00+14:00"),
    "an expired identity": vouch(expires_in=-1),
}
MISSING_FIELDS = {
    f"no {name}": reply(contracts.success({key: value for key, value in identity().items() if key != name}, "OK"))
    for name in identity()
    # Which no service reads.
    if name != "created_at"
}
NO_VERDICT |= MISSING_FIELDS


@pytest.mark.parametrize("behaviour", NO_VERDICT.values(), ids=NO_VERDICT.keys())
def test_what_is_no_verdict_is_a_503(auth: Peer, caller: JSONClient, behaviour: Behaviour) -> None:
    auth.behave = behaviour

    assert outage_of(caller.get("/me")) == OUTAGE


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("behaviour", [silence, later(0.5, vouch()), drip()], ids=["silence", "too slow", "dripping"])
def test_what_takes_too_long_is_a_503(auth: Peer, caller: JSONClient, behaviour: Behaviour) -> None:
    auth.behave = behaviour

    assert outage_of(caller.get("/me")) == OUTAGE
    assert len(auth.requests) == 1


def test_a_refused_connection_is_a_503(auth: Peer, caller: JSONClient) -> None:
    auth.stop()

    assert outage_of(caller.get("/me")) == OUTAGE


def test_a_slow_verdict_counts(auth: Peer, caller: JSONClient) -> None:
    auth.behave = later(0.2, vouch())

    assert caller.get("/me").status_code == 200


def test_a_process_has_one_validator() -> None:
    assert token_validator() is token_validator()


def test_no_token_is_logged(auth: Peer, caller: JSONClient, log_lines: LogLines) -> None:
    for behaviour in (vouch(), refuse(), hang_up):
        auth.behave = behaviour
        caller.get("/me")

    written = log_lines.read()
    assert [line["message"] for line in log_lines if line["logger"] == "chassis.request"] == [
        "GET /me 200",
        "GET /me 401",
        "GET /me 503",
    ]
    assert TOKEN not in written


def test_an_internal_endpoint_does_not_exist_without_the_service_key() -> None:
    for headers in ({}, {"X-Service-Key": ""}, {"X-Service-Key": "guess"}, {"X-Service-Key": "\xff"}):
        response = JSONClient().get("/internal/thing", headers=headers)
        assert failure_of(response) == (404, "not_found")


def test_an_internal_endpoint_answers_the_service_key(settings: LazySettings) -> None:
    response = JSONClient().get("/internal/thing", headers={"X-Service-Key": settings.SERVICE_KEY})

    assert response.json()["data"] == "for services"


def test_a_persons_token_does_not_open_an_internal_endpoint(staff: Persona) -> None:
    assert failure_of(staff.client.get("/internal/thing")) == (404, "not_found")
