from __future__ import annotations

from typing import Any

import pytest
from accounts.models import Session, User
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import at_once
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona, deferred


def delete(persona: Persona, password: Any = PASSWORD) -> Any:
    return persona.client.delete("/auth/me", {"password": password})


def test_me_shows_the_callers_account(alice: Persona) -> None:
    response = alice.client.get("/auth/me")

    assert response.status_code == 200
    assert response.json()["data"] == {
        "id": str(alice.user.pk),
        "email": "alice@example.com",
        "is_active": True,
        "is_staff": False,
        "created_at": alice.user.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_me_tells_staff_that_they_are(staff: Persona) -> None:
    assert staff.client.get("/auth/me").json()["data"]["is_staff"] is True


@pytest.mark.parametrize("method", ["get", "delete"])
def test_me_needs_a_token(anonymous: JSONClient, method: str) -> None:
    assert failure_of(getattr(anonymous, method)("/auth/me")) == (401, "not_authenticated")


@pytest.mark.parametrize("method", ["post", "put", "patch", "options"])
def test_me_knows_no_other_method(alice: Persona, method: str) -> None:
    assert failure_of(getattr(alice.client, method)("/auth/me")) == (405, "method_not_allowed")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer a b", "Bearer \u00e4", "Bearer " + "x" * 5000, "Bearer a.b.c", "bearer x"],
    ids=["empty", "two words", "latin-1", "huge", "no JWT", "lower case"],
)
def test_a_bad_bearer_header_is_a_401(db: None, header: str) -> None:
    response = JSONClient(HTTP_AUTHORIZATION=header).get("/auth/me")

    assert response.status_code == 401
    assert failure_of(response)[1] in ("token_invalid", "authentication_failed")
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Basic YWxpY2U6cGFzc3dvcmQ=", "Token abc"])
def test_other_schemes_are_nobody(db: None, header: str) -> None:
    response = JSONClient(HTTP_AUTHORIZATION=header).get("/auth/me")

    assert failure_of(response) == (401, "not_authenticated")


def test_deleting_the_account_is_accepted_and_ends_everything(alice: Persona, bob: Persona) -> None:
    response = delete(alice)

    assert response.status_code == 202
    assert response.json()["data"] is None
    assert list(User.objects.all()) == [bob.user]
    assert not Session.objects.filter(user_id=alice.user.pk).exists()
    assert failure_of(alice.client.get("/auth/me")) == (401, "token_invalid")


def test_both_owners_are_told_twice(alice: Persona) -> None:
    account_id = str(alice.user.pk)

    delete(alice)

    told = deferred("erase_account")
    assert sorted(str(job["service"]) for job in told) == ["task-svc", "task-svc", "user-svc", "user-svc"]
    assert {job["account_id"] for job in told} == {account_id}


def test_the_second_time_is_when_no_token_is_remembered_any_longer(alice: Persona, settings: Settings) -> None:
    settings.TOKEN_CACHE_SECONDS, settings.AUTH_STALE_SECONDS = 7, 80

    before = timezone.now()
    delete(alice)

    waiting = ProcrastinateJob.objects.order_by("scheduled_at").values_list("scheduled_at", flat=True)
    delays = [(due - before).total_seconds() for due in waiting if due is not None]
    assert [round(delay, -1) for delay in delays] == [0, 0, 100, 100]
    assert min(delays[2:]) >= 7 + 80 + 10


@pytest.mark.parametrize("password", ["wrong horse", "correct horse battery "])
def test_a_wrong_password_deletes_nothing(alice: Persona, password: str) -> None:
    assert failure_of(delete(alice, password)) == (403, "wrong_password")
    assert alice.is_signed_in()
    assert deferred("erase_account") == []


@pytest.mark.parametrize("password", [None, "", 5, [], {}], ids=repr)
def test_a_password_is_required(alice: Persona, password: Any) -> None:
    response = delete(alice, password)

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["password"]


def test_guesses_here_are_limited_and_leave_logins_alone(alice: Persona, anonymous: JSONClient) -> None:
    for _ in range(10):
        assert failure_of(delete(alice, "wrong horse")) == (403, "wrong_password")

    assert failure_of(delete(alice)) == (429, "throttled")
    login = anonymous.post("/auth/login", {"email": "alice@example.com", "password": PASSWORD})
    assert login.status_code == 200


def test_a_password_change_that_overtakes_the_deletion_wins(alice: Persona, while_hashing: Any) -> None:
    while_hashing(lambda: User.objects.get(pk=alice.user.pk).change_password("another horse"))

    assert failure_of(delete(alice)) == (403, "wrong_password")
    assert User.objects.filter(pk=alice.user.pk).exists()
    assert deferred("erase_account") == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_jobs")
def test_of_five_deletions_at_once_one_counts(alice: Persona) -> None:
    statuses = at_once(5, lambda _: delete(alice).status_code)

    assert statuses.count(202) == 1
    assert set(statuses) <= {202, 401, 403, 429}
    assert len(deferred("erase_account")) == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_jobs")
def test_a_deletion_that_is_rolled_back_tells_nobody(alice: Persona) -> None:
    with transaction.atomic():
        assert delete(alice).status_code == 202
        assert len(deferred("erase_account")) == 4
        transaction.set_rollback(True)

    assert deferred("erase_account") == []
    assert alice.is_signed_in()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_jobs")
def test_signing_in_while_the_account_is_deleted_is_no_error(alice: Persona) -> None:
    def act(index: int) -> int:
        if not index:
            return int(delete(alice).status_code)
        credentials = {"email": "alice@example.com", "password": PASSWORD}
        return int(JSONClient().post("/auth/login", credentials).status_code)

    statuses = at_once(4, act)

    assert statuses[0] == 202
    assert set(statuses[1:]) <= {200, 401}
    assert not Session.objects.exists()
