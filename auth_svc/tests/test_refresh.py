from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from accounts.models import Session
from accounts.tokens import AUDIENCE, ISSUER, AccessToken, RefreshToken, token_pair
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import at_once
from django.utils import timezone
from pytest_django import Settings

from tests.acts import REFUSED, pass_by, refresh, tokens
from tests.conftest import Persona


def test_a_refresh_answers_with_the_next_pair(alice: Persona) -> None:
    response = refresh(alice.refresh_token)

    access, next_refresh = tokens(response)
    assert response.headers["Cache-Control"] == "no-store"
    assert set(response.json()["data"]) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (access, next_refresh) != (alice.access_token, alice.refresh_token)
    assert JSONClient(access).get("/auth/me").status_code == 200


def test_a_refresh_prolongs_the_session(alice: Persona) -> None:
    pass_by(alice.session, 86400)

    refresh(alice.refresh_token)

    alice.session.refresh_from_db()
    assert alice.session.expires_at - timezone.now() > timedelta(days=29, hours=23)


def test_the_previous_access_token_stays_good_until_it_expires(alice: Persona) -> None:
    refresh(alice.refresh_token)

    assert alice.is_signed_in()


def test_a_chain_of_refreshes_goes_on(alice: Persona) -> None:
    token = alice.refresh_token
    for _ in range(4):
        _, token = tokens(refresh(token))

    alice.session.refresh_from_db()
    assert alice.session.rotation == 4


def test_tokens_derive_from_the_row(alice: Persona) -> None:
    row = Session.objects.get(pk=alice.session.pk)

    assert RefreshToken.of(row) == alice.refresh_token
    assert AccessToken.of(row) == alice.access_token


@pytest.mark.django_db(transaction=True)
def test_ten_who_refresh_at_once_get_the_same_pair(alice: Persona) -> None:
    pairs = at_once(10, lambda _: tokens(refresh(alice.refresh_token)))

    assert len(set(pairs)) == 1
    alice.session.refresh_from_db()
    assert alice.session.rotation == 1
    assert JSONClient(pairs[0][0]).get("/auth/me").status_code == 200


def test_a_token_repeated_after_the_grace_ends_the_session(alice: Persona) -> None:
    access, successor = tokens(refresh(alice.refresh_token))
    pass_by(alice.session, 10.5)

    assert failure_of(refresh(alice.refresh_token)) == REFUSED
    assert failure_of(refresh(successor)) == REFUSED
    assert failure_of(JSONClient(access).get("/auth/me")) == REFUSED
    assert failure_of(alice.client.get("/auth/me")) == REFUSED


def test_an_older_token_ends_the_session_even_within_the_grace(alice: Persona) -> None:
    _, second = tokens(refresh(alice.refresh_token))
    _, third = tokens(refresh(second))

    assert failure_of(refresh(alice.refresh_token)) == REFUSED
    assert failure_of(refresh(third)) == REFUSED
    assert not alice.is_signed_in()


def test_theft_ends_only_the_session_that_it_concerns(alice: Persona, bob: Persona) -> None:
    other = Session.objects.open(alice.user)
    assert other is not None
    pair = token_pair(other)
    refresh(alice.refresh_token)
    pass_by(alice.session, 11)
    refresh(alice.refresh_token)

    assert JSONClient(pair["access_token"]).get("/auth/me").status_code == 200
    assert bob.is_signed_in()


def test_an_expired_session_is_not_refreshed(alice: Persona) -> None:
    Session.objects.filter(pk=alice.session.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

    assert failure_of(refresh(alice.refresh_token)) == REFUSED
    alice.session.refresh_from_db()
    assert alice.session.rotation == 0


def test_an_expired_token_is_refused(alice: Persona, settings: Settings) -> None:
    alice.session.expires_at = timezone.now() - timedelta(seconds=1)

    assert failure_of(refresh(RefreshToken.of(alice.session))) == REFUSED


def test_a_revoked_session_is_not_refreshed(alice: Persona) -> None:
    alice.session.revoke()

    assert failure_of(refresh(alice.refresh_token)) == REFUSED


def test_a_deleted_account_is_not_refreshed(alice: Persona) -> None:
    alice.user.delete()

    assert failure_of(refresh(alice.refresh_token)) == REFUSED


def test_an_inactive_account_is_not_refreshed(alice: Persona) -> None:
    alice.user.is_active = False
    alice.user.save()

    assert failure_of(refresh(alice.refresh_token)) == REFUSED


def test_an_access_token_is_no_refresh_token(alice: Persona) -> None:
    assert failure_of(refresh(alice.access_token)) == REFUSED


def forged(settings: Settings, session: Session, **changes: Any) -> str:
    """Return a refresh token with other claims, signed with the right key."""
    claims: dict[str, Any] = {"iss": ISSUER, "aud": AUDIENCE, "token_type": "refresh", "jti": "x"}
    claims |= {"sid": str(session.pk), "rotation": 0, "exp": 2**33, **changes}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, settings.JWT_SIGNING_KEY, "HS256")


@pytest.mark.parametrize(
    "changes",
    [
        {"sid": None},
        {"sid": "not a uuid"},
        {"sid": 5},
        {"sid": ["a"]},
        {"sid": {"a": 1}},
        {"sid": str(uuid4())},
        {"rotation": None},
        {"rotation": "0"},
        {"rotation": 0.5},
        {"rotation": []},
        {"rotation": False},
        {"rotation": 0.0},
        {"rotation": -1},
        {"rotation": 2**31 - 1},
        {"rotation": 2**63},
        {"rotation": 10**400},
        {"jti": None},
        {"exp": None},
        {"exp": 10**400},
        {"exp": "8589934592"},
        {"iat": True},
        {"nbf": 1.5},
        {"token_type": None},
        {"iss": "someone-else"},
        {"aud": "something-else"},
    ],
    ids=str,
)
def test_claims_that_no_refresh_token_has_are_refused(
    alice: Persona, settings: Settings, changes: dict[str, Any]
) -> None:
    assert failure_of(refresh(forged(settings, alice.session, **changes))) == REFUSED


@pytest.mark.parametrize("token", ["", " ", "x", "a.b.c", "\u2003", "ä.ö.ü", "x" * 5000, "..", 5, 1.5])
def test_what_is_no_token_is_refused(anonymous: JSONClient, token: Any) -> None:
    assert failure_of(refresh(token)) == REFUSED


@pytest.mark.parametrize("token", [None, [], {}, True, "nul\0"], ids=repr)
def test_what_is_no_text_is_refused_by_name(anonymous: JSONClient, token: Any) -> None:
    response = refresh(token)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["refresh_token"]
