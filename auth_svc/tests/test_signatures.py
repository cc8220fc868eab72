"""Which signatures and claims /auth/validate-token takes: forged tokens, and tokens of changed keys."""

from __future__ import annotations

import base64
import json
import math
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
import pytest
from accounts.tokens import AUDIENCE, ISSUER, AccessToken, token_backend
from chassis.testing import JSONClient, failure_of
from pytest_django import Settings

from tests.acts import REFUSED, validate, validate_bearer
from tests.conftest import Persona


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def claims(persona: Persona, **changes: Any) -> dict[str, Any]:
    """Return the claims of an access token with changes; None takes a claim away."""
    payload = AccessToken.read(persona.access_token).payload | changes
    return {name: value for name, value in payload.items() if value is not None}


def signed(persona: Persona, settings: Settings, **changes: Any) -> str:
    return jwt.encode(claims(persona, **changes), settings.JWT_SIGNING_KEY, "HS256")


def test_the_forger_of_these_tests_can_make_a_good_token(alice: Persona, settings: Settings) -> None:
    assert validate(signed(alice, settings)).status_code == 200


def unsigned(persona: Persona, algorithm: str) -> str:
    return f"{segment({'alg': algorithm, 'typ': 'JWT'})}.{segment(claims(persona))}."


def swapped(persona: Persona) -> str:
    header, _, signature = persona.access_token.split(".")
    return f"{header}.{segment(claims(persona, user_id=str(uuid4()), is_staff=True))}.{signature}"


ATTACKS: dict[str, Callable[[Persona], str]] = {
    "refresh token": lambda alice: alice.refresh_token,
    "alg none": lambda alice: unsigned(alice, "none"),
    "alg None": lambda alice: unsigned(alice, "None"),
    "no signature": lambda alice: alice.access_token.rpartition(".")[0] + ".",
    "two segments": lambda alice: alice.access_token.rpartition(".")[0],
    "swapped payload": swapped,
    "wrong key": lambda alice: jwt.encode(claims(alice), "w" * 64, "HS256"),
    "empty key": lambda alice: jwt.encode(claims(alice), b"\0" * 32, "HS256"),
    "other signature": lambda alice: (
        alice.access_token[:-4] + ("AAAA" if alice.access_token[-4:] != "AAAA" else "BBBB")
    ),
    "huge": lambda alice: alice.access_token + "A" * 100_000,
    "trailing space": lambda alice: alice.access_token + " ",
    "empty": lambda alice: "",
    "blank": lambda alice: " ",
    "wide space": lambda alice: "\u2003",
    "not a JWT": lambda alice: "x",
    "not ASCII": lambda alice: "ä.ö.ü",
    "payload no object": lambda alice: f"{segment({'alg': 'HS256'})}.{segment([1])}.AAAA",
    "header no object": lambda alice: f"{segment([])}.{segment({})}.AAAA",
    "header nested deeply": lambda alice: (
        f"{base64.b64encode(b'[' * 2400 + b']' * 600).decode()}.{alice.access_token.partition('.')[2]}"[:4096]
    ),
    "deep nesting": lambda alice: f"{segment({'alg': 'HS256'})}.{base64.b64encode(b'[' * 2000).decode()}.AAAA",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_forged_token_is_refused(alice: Persona, attack: Callable[[Persona], str]) -> None:
    assert failure_of(validate(attack(alice))) == REFUSED


@pytest.mark.parametrize("name", ["refresh token", "alg none", "swapped payload", "wrong key", "huge", "not a JWT"])
def test_a_forged_token_is_refused_in_the_header_too(alice: Persona, name: str) -> None:
    assert failure_of(validate_bearer(ATTACKS[name](alice))) == REFUSED


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_with_the_right_key_is_refused(alice: Persona, settings: Settings, algorithm: str) -> None:
    assert failure_of(validate(jwt.encode(claims(alice), settings.JWT_SIGNING_KEY, algorithm))) == REFUSED


NO_TIMES: list[Any] = ["1", 1.5, True, {}, math.nan, 10**400]


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in ("exp", "jti", "iss", "aud", "token_type", "sid")),
        {"exp": 1},
        {"exp": -1},
        {"exp": "soon"},
        {"exp": "8589934592"},
        {"exp": 8589934592.5},
        {"exp": 10**400},
        {"exp": 10**12},
        {"exp": math.nan},
        {"exp": math.inf},
        {"exp": True},
        {"exp": []},
        *({name: value} for name in ("iat", "nbf") for value in NO_TIMES),
        {"iss": "someone-else"},
        {"aud": "something-else"},
        {"aud": []},
        {"token_type": "refresh"},
        {"token_type": "sliding"},
        {"sid": "not a uuid"},
        {"sid": 5},
        {"sid": ["a"]},
        {"sid": str(uuid4())},
    ],
    ids=str,
)
def test_claims_that_no_access_token_has_are_refused(
    alice: Persona, settings: Settings, changes: dict[str, Any]
) -> None:
    assert failure_of(validate(signed(alice, settings, **changes))) == REFUSED


@pytest.mark.parametrize("claim", ["iat", "nbf"])
def test_a_clock_may_be_up_to_30_seconds_ahead(alice: Persona, settings: Settings, claim: str) -> None:
    now = int(time.time())

    assert validate(signed(alice, settings, **{claim: now + 25})).status_code == 200
    assert failure_of(validate(signed(alice, settings, **{claim: now + 40}))) == REFUSED


@pytest.mark.parametrize("seconds", [0, 1, 25])
def test_no_token_lives_longer_than_it_says(alice: Persona, settings: Settings, seconds: int) -> None:
    assert failure_of(validate(signed(alice, settings, exp=int(time.time()) - seconds))) == REFUSED


def test_the_clock_of_a_previous_key_may_be_ahead_too(alice: Persona, settings: Settings) -> None:
    token = signed(alice, settings, iat=int(time.time()) + 25)
    settings.JWT_PREVIOUS_KEY, settings.JWT_SIGNING_KEY = settings.JWT_SIGNING_KEY, "n" * 64
    token_backend.cache_clear()

    assert validate(token).status_code == 200


def test_the_constants_are_part_of_the_contract() -> None:
    assert (ISSUER, AUDIENCE) == ("auth-svc", "task-manager")


def test_changing_the_key_logs_nobody_out(alice: Persona, settings: Settings) -> None:
    settings.JWT_PREVIOUS_KEY, settings.JWT_SIGNING_KEY = settings.JWT_SIGNING_KEY, "n" * 64
    token_backend.cache_clear()

    assert validate(alice.access_token).status_code == 200
    refreshed = JSONClient().post("/auth/refresh", {"refresh_token": alice.refresh_token})
    assert refreshed.status_code == 200
    assert refreshed.json()["data"]["access_token"] == signed(
        alice, settings, **AccessToken.read(refreshed.json()["data"]["access_token"]).payload
    )


def test_a_token_of_neither_key_is_refused(alice: Persona, settings: Settings) -> None:
    settings.JWT_PREVIOUS_KEY, settings.JWT_SIGNING_KEY = "p" * 64, "n" * 64
    token_backend.cache_clear()

    assert failure_of(validate(alice.access_token)) == REFUSED


def test_forgetting_the_previous_key_ends_its_tokens(alice: Persona, settings: Settings) -> None:
    settings.JWT_SIGNING_KEY = "n" * 64
    token_backend.cache_clear()

    assert failure_of(validate(alice.access_token)) == REFUSED
