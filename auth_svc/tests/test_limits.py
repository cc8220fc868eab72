from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from accounts.models import RateCounter, User
from accounts.throttling import RESERVE, reserve
from chassis.environment import Rate
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import at_once
from django.db.models import F
from django.utils import timezone
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona, execute, limit

MINUTE = timedelta(minutes=1)


WRONG = "wrong horse"


def login(password: str = WRONG, email: str = "alice@example.com", **headers: str) -> Any:
    return JSONClient(headers=headers).post("/auth/login", {"email": email, "password": password})


def pass_by(seconds: float) -> None:
    """Let this much time go by for every counter."""
    gone = timedelta(seconds=seconds)
    execute("UPDATE accounts_ratecounter SET hits = ARRAY(SELECT hit - %s FROM unnest(hits) AS hit)", gone)
    execute("UPDATE accounts_ratecounter SET expires_at = expires_at - %s", gone)


def hits_of_failures() -> list[list[Any]]:
    """Return what every counter but that of all sign-ins has counted."""
    return list(RateCounter.objects.exclude(key__startswith="sign_in:").values_list("hits", flat=True))


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com", "no address at all"])
def test_five_failures_a_minute_and_then_429_for_known_and_unknown_alike(alice: Persona, email: str) -> None:
    statuses = [login(email=email).status_code for _ in range(7)]

    assert statuses == 5 * [401] + 2 * [429]


def test_a_locked_account_does_not_tell_whether_the_password_is_right(alice: Persona) -> None:
    for _ in range(5):
        login()

    assert failure_of(login(PASSWORD)) == (429, "throttled")


def test_case_does_not_make_it_another_account(alice: Persona) -> None:
    spellings = [
        "alice@example.com",
        "ALICE@example.com",
        "Alice@Example.Com",
        " alice@example.com",
        "alicE@example.com",
    ]

    assert {login(email=email).status_code for email in spellings} == {401}
    assert login(email="aLICE@example.com").status_code == 429


def test_other_accounts_are_not_concerned(alice: Persona, bob: Persona) -> None:
    for _ in range(6):
        login()

    assert login(PASSWORD, "bob@example.com").status_code == 200


def test_success_gives_the_place_back(alice: Persona) -> None:
    assert {login(PASSWORD).status_code for _ in range(8)} == {200}
    assert hits_of_failures() == [[], [], []]


def test_success_does_not_forgive_failures(alice: Persona) -> None:
    for _ in range(4):
        login()
    login(PASSWORD)

    assert [login().status_code for _ in range(2)] == [401, 429]


def test_a_place_refused_by_the_account_gives_the_address_s_back(alice: Persona, settings: Settings) -> None:
    limit(settings, "login", Rate(1, MINUTE))

    assert [login().status_code for _ in range(3)] == [401, 429, 429]

    (hits,) = RateCounter.objects.filter(key__startswith="login_ip:").values_list("hits", flat=True)
    assert len(hits) == 1


def test_a_refused_client_leaves_no_counter_for_each_address_that_it_invents(settings: Settings, db: None) -> None:
    limit(settings, "login_ip", Rate(1, MINUTE))

    statuses = [login(email=f"user{number}@example.com").status_code for number in range(4)]

    assert statuses == [401, 429, 429, 429]
    assert RateCounter.objects.filter(key__startswith="login:").count() == 1


def test_one_address_may_fail_only_so_often_over_all_accounts(settings: Settings, db: None) -> None:
    limit(settings, "login_ip", Rate(3, MINUTE))

    statuses = [login(email=f"user{number}@example.com").status_code for number in range(5)]

    assert statuses == 3 * [401] + 2 * [429]


def test_retry_after_says_when_the_next_place_is_free(alice: Persona) -> None:
    for _ in range(5):
        login()
    pass_by(20)

    wait = int(login()["Retry-After"])
    assert 39 <= wait <= 40
    pass_by(wait - 1.5)
    assert login().status_code == 429
    pass_by(1.5)
    assert login().status_code == 401


def test_retry_after_is_never_zero(alice: Persona) -> None:
    for _ in range(5):
        login()
    pass_by(59.5)

    assert login()["Retry-After"] == "1"


def test_refused_attempts_do_not_prolong_the_wait(alice: Persona) -> None:
    for _ in range(5):
        login()
    pass_by(30)
    for _ in range(10):
        login()
    pass_by(30)

    assert login().status_code == 401


def test_there_is_no_burst_at_the_edge_of_a_window(alice: Persona) -> None:
    login()
    pass_by(50)
    for _ in range(4):
        login()
    pass_by(11)

    # The first failure has left the window; the four of eleven seconds ago have not.
    assert [login().status_code for _ in range(3)] == [401, 429, 429]
    pass_by(50)
    assert [login().status_code for _ in range(5)] == 4 * [401] + [429]


@pytest.mark.django_db(transaction=True)
def test_the_count_is_exact_across_connections(settings: Settings) -> None:
    limit(settings, "refresh", Rate(7, MINUTE))

    def attempt(_: int) -> int:
        client = JSONClient()
        return [client.post("/auth/refresh", {"refresh_token": "x"}).status_code for _ in range(4)].count(401)

    assert sum(at_once(20, attempt)) == 7


@pytest.mark.django_db(transaction=True)
def test_five_guesses_at_once_are_five_guesses() -> None:
    User.objects.create_user("alice@example.com", PASSWORD)

    statuses = at_once(20, lambda _: login().status_code)

    assert sorted(statuses) == 5 * [401] + 15 * [429]


@pytest.mark.django_db(transaction=True)
def test_places_are_given_back_at_once_too(alice: Persona) -> None:
    statuses = at_once(5, lambda _: {login(PASSWORD).status_code for _ in range(3)})

    assert statuses == 5 * [{200}]
    assert hits_of_failures() == [[], [], []]


FORGED = ["10.0.0.1", "10.0.0.2, 10.0.0.3", "unknown", "", "'; DROP TABLE accounts_user --", "\u00e4"]


def test_what_a_client_claims_to_be_changes_nothing(settings: Settings, db: None) -> None:
    limit(settings, "login_ip", Rate(len(FORGED), MINUTE))

    for number, forged in enumerate(FORGED):
        response = login(email=f"user{number}@example.com", **{"X-Forwarded-For": f"{forged}, 203.0.113.7"})
        assert response.status_code == 401

    assert login(email="last@example.com", **{"X-Forwarded-For": "198.51.100.1,203.0.113.7"}).status_code == 429
    assert login(email="last@example.com", **{"X-Forwarded-For": "203.0.113.8"}).status_code == 401


ENDPOINTS = [
    ("register", "/auth/register"),
    ("refresh", "/auth/refresh"),
    ("reset", "/auth/password/reset"),
    ("reset_confirm", "/auth/password/reset/confirm"),
    ("validate", "/auth/validate-token"),
]


@pytest.mark.parametrize(("scope", "path"), ENDPOINTS)
def test_every_limit_holds_and_says_when_to_return(settings: Settings, db: None, scope: str, path: str) -> None:
    limit(settings, scope, Rate(2, timedelta(hours=1)))
    client = JSONClient()

    assert [client.post(path).status_code for _ in range(2)] == [400, 400]
    response = client.post(path)

    assert failure_of(response) == (429, "throttled")
    assert 3590 < int(response["Retry-After"]) <= 3600


@pytest.mark.parametrize("text", ["", "x" * 100_000, "nul\0", "\u2603"])
def test_any_subject_can_be_counted(settings: Settings, db: None, text: str) -> None:
    assert [reserve("login", text).granted for _ in range(6)] == 5 * [True] + [False]


def test_a_counter_names_nobody(alice: Persona) -> None:
    login()

    assert all(
        re.fullmatch(r"(sign_in|login_ip|login_account)(:[0-9a-f]{64})|login(:[0-9a-f]{64}){2}", key)
        for key in RateCounter.objects.values_list("key", flat=True)
    )


def test_a_counter_expires_with_its_window(alice: Persona) -> None:
    login()

    assert (
        RateCounter.objects.filter(expires_at__gt=timezone.now(), expires_at__lte=timezone.now() + MINUTE).count() == 3
    )
    assert not RateCounter.objects.filter(expires_at__lt=F("hits__0")).exists()


def test_one_statement_counts(settings: Settings, db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1) as queries:
        reserve("login", "alice@example.com")

    assert RESERVE.strip()[:20] in queries[0]["sql"]
