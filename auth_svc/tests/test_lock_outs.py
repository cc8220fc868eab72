"""Nobody locks the owner of an account out by guessing, and guessing from many addresses is bounded all the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from accounts.models import KnownClient, RateCounter, User
from chassis.environment import Rate
from chassis.testing import JSONClient
from chassis.testing.acts import at_once
from django.contrib.auth.tokens import default_token_generator
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona, limit

HOUR = timedelta(hours=1)
ATTACKER, OWNER = "203.0.113.66", "198.51.100.1"


WRONG = "wrong horse"


def login(address: str, password: str = WRONG, email: str = "alice@example.com") -> Any:
    client = JSONClient(headers={"X-Forwarded-For": address})
    return client.post("/auth/login", {"email": email, "password": password})


def attack(times: int = 10) -> None:
    assert {login(ATTACKER).status_code for _ in range(times)} == {401, 429}


def test_wrong_passwords_at_one_client_lock_nobody_else_out(alice: Persona) -> None:
    attack()

    assert [login(f"198.51.100.{number}", PASSWORD).status_code for number in range(21)] == 21 * [200]


def test_wrong_passwords_elsewhere_do_not_keep_the_owner_from_changing_the_password(alice: Persona) -> None:
    attack()

    change = {"old_password": PASSWORD, "new_password": "another horse battery"}
    assert alice.client.post("/auth/password/change", change).status_code == 200


def test_wrong_passwords_elsewhere_do_not_keep_the_owner_from_deleting_the_account(alice: Persona) -> None:
    attack()

    assert alice.client.delete("/auth/me", {"password": PASSWORD}).status_code == 202


def test_guesses_within_a_session_are_limited_and_count_for_it_alone(alice: Persona) -> None:
    thief, alices_own = alice.client, Persona(alice.user).client
    guesses = [thief.delete("/auth/me", {"password": WRONG}).status_code for _ in range(12)]

    assert guesses == 10 * [403] + 2 * [429]
    assert alices_own.delete("/auth/me", {"password": PASSWORD}).status_code == 202


def spend_guesses_from_many_addresses(settings: Settings, number: int = 3) -> None:
    limit(settings, "login_account", Rate(number, HOUR))
    statuses = [login(f"203.0.113.{each}").status_code for each in range(number + 2)]
    assert statuses == number * [401] + 2 * [429]


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_guesses_from_many_addresses_share_the_limit_of_the_account(
    alice: Persona, settings: Settings, email: str
) -> None:
    limit(settings, "login_account", Rate(3, HOUR))

    statuses = [login(f"203.0.113.{number}", email=email).status_code for number in range(6)]

    assert statuses == 3 * [401] + 3 * [429]


@pytest.mark.django_db(transaction=True)
def test_guesses_at_once_from_many_addresses_do_not_exceed_it(settings: Settings) -> None:
    User.objects.create_user("alice@example.com", PASSWORD)
    limit(settings, "login_account", Rate(4, HOUR))

    statuses = at_once(20, lambda number: login(f"203.0.113.{number}").status_code)

    assert sorted(statuses) == 4 * [401] + 16 * [429]


def test_a_client_that_has_signed_in_before_does_not_meet_the_limit_of_the_account(
    alice: Persona, settings: Settings
) -> None:
    assert login(OWNER, PASSWORD).status_code == 200
    spend_guesses_from_many_addresses(settings)

    assert login(OWNER, PASSWORD).status_code == 200
    assert login("198.51.100.2", PASSWORD).status_code == 429
    assert [login(OWNER).status_code for _ in range(6)] == 5 * [401] + [429]


def test_a_client_is_known_for_one_account_alone(alice: Persona, bob: Persona, settings: Settings) -> None:
    assert login(ATTACKER, PASSWORD, "bob@example.com").status_code == 200
    spend_guesses_from_many_addresses(settings)

    assert login(ATTACKER).status_code == 429


def test_a_client_is_known_for_ninety_days(alice: Persona, settings: Settings) -> None:
    assert login(OWNER, PASSWORD).status_code == 200
    KnownClient.objects.update(last_used_at=timezone.now() - timedelta(days=90, seconds=1))
    spend_guesses_from_many_addresses(settings)

    assert login(OWNER, PASSWORD).status_code == 429


def test_an_account_knows_its_newest_clients_only(alice: Persona, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KnownClient, "MOST", 2)
    for number in range(4):
        login(f"198.51.100.{number}", PASSWORD)

    known = [KnownClient.objects.knows(str(alice.user.pk), f"198.51.100.{number}") for number in range(4)]
    assert known == [False, False, True, True]


def test_what_is_kept_of_a_client_names_nobody(alice: Persona) -> None:
    login(OWNER, PASSWORD)

    (known,) = KnownClient.objects.all()
    assert OWNER not in known.digest
    assert len(known.digest) == 64


@pytest.mark.parametrize("start_afresh", [False, True], ids=["kept", "afresh"])
def test_a_completed_reset_lets_the_owner_in_at_once(alice: Persona, settings: Settings, start_afresh: bool) -> None:
    spend_guesses_from_many_addresses(settings)
    uid = urlsafe_base64_encode(force_bytes(alice.user.pk))
    body = {
        "token": f"{uid}.{default_token_generator.make_token(alice.user)}",
        "new_password": "another horse battery",
        "start_afresh": start_afresh,
    }

    assert JSONClient().post("/auth/password/reset/confirm", body).status_code == 200

    assert login(OWNER, "another horse battery").status_code == 200
    assert not RateCounter.objects.filter(key__startswith="login:", hits__len__gt=0).exists()


def test_right_passwords_count_at_a_rate_of_their_own(alice: Persona, settings: Settings) -> None:
    limit(settings, "sign_in", Rate(3, HOUR))

    assert [login(OWNER, PASSWORD).status_code for _ in range(5)] == 3 * [200] + 2 * [429]
    assert login("198.51.100.2", PASSWORD).status_code == 200


def test_right_confirmations_count_for_the_client_too(alice: Persona, settings: Settings) -> None:
    limit(settings, "sign_in", Rate(3, HOUR))
    change = {"old_password": PASSWORD, "new_password": PASSWORD}

    statuses = [alice.client.post("/auth/password/change", change).status_code for _ in range(5)]

    assert statuses == 3 * [200] + 2 * [429]


@pytest.mark.parametrize("by", ["change", "reset"])
def test_a_new_password_makes_every_other_client_a_stranger(alice: Persona, settings: Settings, by: str) -> None:
    assert login(ATTACKER, PASSWORD).status_code == 200
    new = "another horse battery"
    headers = {"X-Forwarded-For": OWNER}
    if by == "change":
        client = JSONClient(alice.access_token, headers=headers)
        response = client.post("/auth/password/change", {"old_password": PASSWORD, "new_password": new})
    else:
        uid = urlsafe_base64_encode(force_bytes(alice.user.pk))
        body = {"token": f"{uid}.{default_token_generator.make_token(alice.user)}", "new_password": new}
        response = JSONClient(headers=headers).post("/auth/password/reset/confirm", body)
    assert response.status_code == 200
    spend_guesses_from_many_addresses(settings)

    assert login(ATTACKER).status_code == 429
    assert login(OWNER, new).status_code == 200


def test_the_client_that_registers_is_known(settings: Settings, db: None) -> None:
    client = JSONClient(headers={"X-Forwarded-For": OWNER})
    client.post("/auth/register", {"email": "alice@example.com", "password": PASSWORD})
    spend_guesses_from_many_addresses(settings)

    assert login(OWNER, PASSWORD).status_code == 200
