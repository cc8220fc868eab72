from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import Mock

import bcrypt
import pytest
from accounts.models import Session, User
from accounts.tokens import AccessToken, RefreshToken
from chassis.testing import JSONClient, failure_of
from django.utils import timezone
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona


def login(client: JSONClient, email: str = "alice@example.com", password: str = PASSWORD, **headers: Any) -> Any:
    return client.post("/auth/login", {"email": email, "password": password}, **headers)


def test_a_login_answers_with_a_token_pair(alice: Persona, anonymous: JSONClient) -> None:
    response = login(anonymous)

    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store")
    data = response.json()["data"]
    assert set(data) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert data["token_type"] == "bearer"
    assert 3590 < data["expires_in"] <= 3600
    assert JSONClient(data["access_token"]).get("/auth/me").status_code == 200


def test_the_claims_are_those_of_the_contract(alice: Persona, anonymous: JSONClient) -> None:
    data = login(anonymous).json()["data"]

    access = AccessToken.read(data["access_token"]).payload
    session = Session.objects.get(pk=access["sid"])
    assert set(access) == {
        *("user_id", "email", "is_active", "created_at"),
        *("exp", "iat", "jti", "iss", "aud", "token_type", "sid"),
    }
    assert access["user_id"] == str(alice.user.pk)
    assert access["email"] == "alice@example.com"
    assert access["is_active"] is True
    assert datetime.fromisoformat(access["created_at"]) == alice.user.created_at
    assert access["exp"] - access["iat"] == 3600
    assert session.user == alice.user


def test_a_refresh_token_says_nothing_about_the_account(alice: Persona) -> None:
    claims = RefreshToken.read(alice.refresh_token).payload

    assert set(claims) == {"exp", "iat", "jti", "iss", "aud", "token_type", "sid", "rotation"}


def test_a_session_lives_thirty_days(alice: Persona, anonymous: JSONClient) -> None:
    data = login(anonymous).json()["data"]

    claims = RefreshToken.read(data["refresh_token"]).payload
    assert claims["exp"] - claims["iat"] == timedelta(days=30).total_seconds()


def test_an_access_token_does_not_outlive_its_session(alice: Persona, settings: Settings) -> None:
    settings.ACCESS_TOKEN_LIFETIME = timedelta(days=90)

    assert AccessToken.read(AccessToken.of(alice.session))["exp"] == int(alice.session.expires_at.timestamp())


def test_each_login_is_a_session_of_its_own(alice: Persona, anonymous: JSONClient) -> None:
    first, second = login(anonymous).json()["data"], login(anonymous).json()["data"]

    assert AccessToken.read(first["access_token"])["sid"] != AccessToken.read(second["access_token"])["sid"]


def test_a_login_remembers_the_device(alice: Persona, anonymous: JSONClient) -> None:
    login(anonymous, headers={"User-Agent": "x" * 300})

    assert alice.user.sessions.latest("created_at").user_agent == "x" * 200


@pytest.mark.parametrize("email", ["ALICE@example.com", " alice@example.com "])
def test_the_address_may_be_written_in_any_case(alice: Persona, anonymous: JSONClient, email: str) -> None:
    assert login(anonymous, email).status_code == 200


def test_all_refusals_look_the_same(alice: Persona, bob: Persona, anonymous: JSONClient) -> None:
    User.objects.provision("carol@example.com")
    bob.user.deactivate()

    refusals = [
        login(anonymous, password="wrong horse battery"),
        login(anonymous, "nobody@example.com"),
        login(anonymous, "no address at all"),
        login(anonymous, "bob@example.com"),
        login(anonymous, "carol@example.com"),
    ]

    assert {failure_of(response) for response in refusals} == {(401, "invalid_credentials")}
    assert len({response.json()["message"] for response in refusals}) == 1
    assert len({response["WWW-Authenticate"] for response in refusals}) == 1


@pytest.mark.usefixtures("real_passwords")
@pytest.mark.parametrize("case", ["right", "wrong", "unknown", "inactive", "no password yet"])
def test_every_attempt_hashes_exactly_once(
    case: str, alice: Persona, anonymous: JSONClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashpw = Mock(wraps=bcrypt.hashpw)
    monkeypatch.setattr(bcrypt, "hashpw", hashpw)
    alice.user.set_password(PASSWORD)
    alice.user.is_active = case != "inactive"
    alice.user.save()
    User.objects.provision("carol@example.com")
    hashpw.reset_mock()
    email = {"unknown": "nobody@example.com", "no password yet": "carol@example.com"}.get(case, "alice@example.com")

    response = login(anonymous, email, "wrong horse battery" if case == "wrong" else PASSWORD)

    assert response.status_code == (200 if case == "right" else 401)
    assert hashpw.call_count == 1


def test_a_login_that_a_password_change_overtakes_is_refused(
    alice: Persona, anonymous: JSONClient, while_hashing: Any
) -> None:
    while_hashing(lambda: User.objects.get(pk=alice.user.pk).change_password("another horse"))

    assert failure_of(login(anonymous)) == (401, "invalid_credentials")
    assert not alice.user.sessions.live().exists()


def test_a_login_that_the_account_s_end_overtakes_is_refused(
    alice: Persona, anonymous: JSONClient, while_hashing: Any
) -> None:
    while_hashing(lambda: User.objects.get(pk=alice.user.pk).delete())

    assert failure_of(login(anonymous)) == (401, "invalid_credentials")


def test_a_login_that_a_deactivation_overtakes_is_refused(
    alice: Persona, anonymous: JSONClient, while_hashing: Any
) -> None:
    while_hashing(lambda: User.objects.get(pk=alice.user.pk).deactivate())

    assert failure_of(login(anonymous)) == (401, "invalid_credentials")
    assert not Session.objects.live().exists()


@pytest.mark.parametrize("value", [None, False, [], {}, "", "nul\0"], ids=repr)
@pytest.mark.parametrize("name", ["email", "password"])
def test_what_is_no_text_is_refused_by_name(anonymous: JSONClient, name: str, value: Any) -> None:
    response = anonymous.post("/auth/login", {"email": "alice@example.com", "password": PASSWORD, name: value})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == [name]


@pytest.mark.parametrize("body", [[], ["a"], "text", 5, None, True], ids=repr)
def test_a_body_that_is_no_object_is_refused(anonymous: JSONClient, body: Any) -> None:
    response = anonymous.post("/auth/login", json.dumps(body))

    assert failure_of(response) == (400, "validation_error")


def test_a_session_is_dated_by_the_server(alice: Persona) -> None:
    assert timedelta(0) <= timezone.now() - alice.session.created_at < timedelta(minutes=1)
