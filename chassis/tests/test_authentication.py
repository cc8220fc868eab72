from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from chassis.authentication import MAX_TOKEN_LENGTH, TokenValidator, token_validator
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable, TokenInvalid
from chassis.testing import AuthStub, JSONClient, Persona, failure_of
from django.conf import LazySettings

from chassis import contracts
from tests.conftest import Clock, LogLines
from tests.peers import (
    Behaviour,
    Peer,
    drip,
    hang_up,
    held,
    identity,
    later,
    raw,
    refuse,
    reply,
    silence,
    vouch,
)

TOKEN = "alices.access.token"
INVALID = (401, "token_invalid")
OUTAGE = (503, "service_unavailable")


@pytest.fixture
def auth(peer: Peer, settings: LazySettings) -> Peer:
    """auth_svc on a real socket."""
    settings.AUTH_SERVICE_URL = peer.url
    return peer


@pytest.fixture
def caller() -> JSONClient:
    """Somebody with a token that only auth_svc can judge."""
    return JSONClient(TOKEN)


def outage_of(response: Any) -> tuple[int, str]:
    """Check that an answer tells when to come back and challenges nobody; return its status and code."""
    assert response.headers["Retry-After"] == "1"
    assert "WWW-Authenticate" not in response.headers
    return failure_of(response)


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


@pytest.fixture
def validator(client_of_peer: ServiceClient) -> TokenValidator:
    """A validator that remembers two identities."""
    return TokenValidator(client_of_peer, stale_seconds=60, size=2)


def test_memory_is_bounded(peer: Peer, validator: TokenValidator) -> None:
    peer.behave = vouch(60)
    for token in ("a", "b", "c", "c", "b", "a"):
        validator.identify(token)

    assert [received.json()["token"] for received in peer.requests] == ["a", "b", "c", "a"]


def test_memory_holds_digests_and_no_tokens(peer: Peer, validator: TokenValidator) -> None:
    peer.behave = vouch(60)

    validator.identify(TOKEN)

    assert list(validator._remembered) == [hashlib.sha256(TOKEN.encode()).digest()]
    assert TOKEN not in repr(validator._remembered)


def test_an_outage_serves_the_last_verdict_for_the_stale_time_only(
    auth: Peer, caller: JSONClient, clock: Clock, settings: LazySettings
) -> None:
    settings.AUTH_STALE_SECONDS = 60
    auth.behave = vouch(5)
    caller.get("/me")
    auth.behave = reply({}, 500)

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
