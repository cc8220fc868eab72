from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from accounts.tokens import AUDIENCE, ISSUER, AccessToken, token_backend
from chassis.environment import Rate
from chassis.testing import JSONClient, failure_of
from django.utils import timezone
from pytest_django import Settings

from tests.conftest import Persona, limit

REFUSED = (401, "token_invalid")


def validate(token: Any, client: JSONClient | None = None) -> Any:
    return (client or JSONClient()).post("/auth/validate-token", {"token": token})


def validate_bearer(token: str) -> Any:
    return JSONClient(token).post("/auth/validate-token")


def test_the_answer_is_the_identity(alice: Persona) -> None:
    response = validate(alice.access_token)

    assert response.status_code == 200
    expiry = datetime.fromtimestamp(AccessToken.read(alice.access_token)["exp"], UTC)
    assert response.json()["data"] == {
        "user_id": str(alice.user.pk),
        "email": "alice@example.com",
        "is_active": True,
        "is_staff": False,
        "created_at": alice.user.created_at.isoformat().replace("+00:00", "Z"),
        "expires_at": expiry.isoformat().replace("+00:00", "Z"),
    }


def test_the_header_serves_as_well(alice: Persona) -> None:
    assert validate_bearer(alice.access_token).json()["data"] == validate(alice.access_token).json()["data"]


def test_the_body_counts_where_both_are_given(alice: Persona, bob: Persona) -> None:
    assert validate(bob.access_token, alice.client).json()["data"]["email"] == "bob@example.com"
    assert failure_of(validate("x", alice.client)) == REFUSED


def test_what_the_row_says_counts_not_what_the_token_says(staff: Persona) -> None:
    staff.user.email = "renamed@example.com"
    staff.user.save()

    data = validate(staff.access_token).json()["data"]

    assert (data["email"], data["is_staff"]) == ("renamed@example.com", True)


def test_the_answer_says_how_long_it_may_be_remembered(alice: Persona, settings: Settings) -> None:
    settings.TOKEN_CACHE_SECONDS = 7

    assert validate(alice.access_token)["Cache-Control"] == "private, max-age=7"


def test_a_refusal_says_nothing_about_being_remembered(db: None) -> None:
    assert "Cache-Control" not in validate("x")


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
    "deep nesting": lambda alice: f"{segment({'alg': 'HS256'})}.{base64.b64encode(b'[' * 2000).decode()}.AAAA",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_forged_token_is_refused(alice: Persona, attack: Callable[[Persona], str]) -> None:
    assert failure_of(validate(attack(alice))) == REFUSED


@pytest.mark.parametrize("name", ["refresh token", "alg none", "swapped payload", "wrong key", "huge", "not a JWT"])
def test_a_forged_token_is_refused_in_the_header_too(alice: Persona, name: str) -> None:
    assert failure_of(validate_bearer(ATTACKS[name](alice))) == REFUSED


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "bearer x", "Bearer \u00e4"])
def test_a_bad_header_is_refused(db: None, header: str) -> None:
    assert failure_of(JSONClient(HTTP_AUTHORIZATION=header).post("/auth/validate-token")) == REFUSED


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_with_the_right_key_is_refused(alice: Persona, settings: Settings, algorithm: str) -> None:
    assert failure_of(validate(jwt.encode(claims(alice), settings.JWT_SIGNING_KEY, algorithm))) == REFUSED


@pytest.mark.parametrize(
    "changes",
    [
        *({name: None} for name in ("exp", "jti", "iss", "aud", "token_type", "sid")),
        {"exp": 1},
        {"exp": "soon"},
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


def test_the_constants_are_part_of_the_contract() -> None:
    assert (ISSUER, AUDIENCE) == ("auth-svc", "task-manager")


def test_an_expired_token_is_refused(alice: Persona) -> None:
    alice.session.rotated_at -= timedelta(hours=1, seconds=1)

    assert failure_of(validate(AccessToken.of(alice.session))) == REFUSED


def test_a_revoked_session_is_refused(alice: Persona) -> None:
    alice.session.revoke()

    assert failure_of(validate(alice.access_token)) == REFUSED


def test_an_expired_session_is_refused(alice: Persona) -> None:
    alice.session.expires_at = timezone.now() - timedelta(seconds=1)
    alice.session.save()

    assert failure_of(validate(alice.access_token)) == REFUSED


def test_an_inactive_account_is_refused(alice: Persona) -> None:
    alice.user.is_active = False
    alice.user.save()

    assert failure_of(validate(alice.access_token)) == REFUSED


def test_reactivation_does_not_bring_sessions_back(alice: Persona) -> None:
    alice.user.deactivate()
    alice.user.is_active = True
    alice.user.save()

    assert failure_of(validate(alice.access_token)) == REFUSED


def test_a_deleted_account_is_refused(alice: Persona) -> None:
    alice.user.delete()

    assert failure_of(validate(alice.access_token)) == REFUSED


@pytest.mark.parametrize("token", [None, [], {}, True, "nul\0"], ids=repr)
def test_what_is_no_text_is_refused_by_name(db: None, token: Any) -> None:
    response = validate(token)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["token"]


def test_a_token_is_required(anonymous: JSONClient) -> None:
    assert failure_of(anonymous.post("/auth/validate-token")) == (400, "validation_error")


@pytest.mark.parametrize("body", ["[]", "5", '"x"', "null", "true"])
def test_a_body_that_is_no_object_is_refused(alice: Persona, anonymous: JSONClient, body: str) -> None:
    for client in (alice.client, anonymous):
        assert failure_of(client.post("/auth/validate-token", body)) == (400, "validation_error")


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


def test_strangers_are_limited_and_services_are_not(alice: Persona, settings: Settings, service: JSONClient) -> None:
    limit(settings, "validate", Rate(3, timedelta(minutes=1)))

    statuses = [validate(alice.access_token).status_code for _ in range(5)]

    assert statuses == [200, 200, 200, 429, 429]
    assert {validate(alice.access_token, service).status_code for _ in range(5)} == {200}


def test_a_wrong_service_key_is_a_stranger(alice: Persona, settings: Settings) -> None:
    limit(settings, "validate", Rate(1, timedelta(minutes=1)))
    imposter = JSONClient(headers={"X-Service-Key": "\u00e4" * 64})

    statuses = [validate(alice.access_token, imposter).status_code for _ in range(2)]

    assert statuses == [200, 429]
