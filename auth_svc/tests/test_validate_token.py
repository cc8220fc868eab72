from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from accounts.tokens import AccessToken
from chassis.environment import Rate
from chassis.testing import JSONClient, failure_of
from django.utils import timezone
from pytest_django import Settings

from tests.acts import REFUSED, validate, validate_bearer
from tests.conftest import Persona, limit


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
        "expires_at": expiry.isoformat(timespec="microseconds").replace("+00:00", "Z"),
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


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "bearer x", "Bearer \u00e4"])
def test_a_bad_header_is_refused(db: None, header: str) -> None:
    assert failure_of(JSONClient(HTTP_AUTHORIZATION=header).post("/auth/validate-token")) == REFUSED


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
