"""POST /users/users: everyone makes the user of their own account, staff anybody's."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import requests
from chassis.testing import JSONClient, Persona, failure_of
from chassis.testing.acts import at_once
from profiles.models import Profile

from tests.acts import make_profile
from tests.conftest import AccountStub, Answer

pytestmark = pytest.mark.django_db

NEW = {"name": "Carol C.", "email": "carol@example.com"}


def test_an_ordinary_token_makes_its_owners_user(alice: Persona) -> None:
    response = alice.client.post("/users/users", {**NEW, "id": str(uuid4())})

    assert response.status_code == 201
    user = response.json()
    assert set(user) == {"id", "name", "email", "createdAt"}
    assert user["id"] == str(alice.id)
    assert (user["name"], user["email"]) == (NEW["name"], NEW["email"])
    assert response.headers["Location"] == f"/users/users/{alice.id}"
    assert alice.client.get(response.headers["Location"]).json() == user


def test_an_ordinary_token_makes_no_second_user(alice: Persona) -> None:
    make_profile(alice)

    assert failure_of(alice.client.post("/users/users", NEW)) == (409, "profile_exists")
    assert Profile.objects.get().full_name == "Alice A."


def test_staff_make_a_user_for_anybody(staff: Persona, accounts: AccountStub) -> None:
    response = staff.client.post("/users/users", NEW)

    assert response.status_code == 201
    account_id = accounts.accounts["carol@example.com"]
    assert response.json()["id"] == str(account_id)
    assert response.headers["Location"] == f"/users/users/{account_id}"
    assert Profile.objects.get().user_id == account_id


def test_a_user_there_already_is_a_conflict(staff: Persona, accounts: AccountStub) -> None:
    staff.client.post("/users/users", NEW)

    response = staff.client.post("/users/users", {**NEW, "name": "Other"})

    assert failure_of(response) == (409, "profile_exists")
    assert Profile.objects.get().full_name == NEW["name"]


def test_a_repeat_finishes_a_user_that_was_left_half_made(staff: Persona, accounts: AccountStub) -> None:
    account_id = accounts.accounts["carol@example.com"] = uuid4()

    response = staff.client.post("/users/users", NEW)

    assert (response.status_code, response.json()["id"]) == (201, str(account_id))


@pytest.mark.django_db(transaction=True)
def test_of_parallel_provisions_of_one_address_exactly_one_wins(staff: Persona, accounts: AccountStub) -> None:
    accounts.accounts["carol@example.com"] = uuid4()

    replies = at_once(6, lambda _: JSONClient(staff.token).post("/users/users", NEW))

    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 5
    assert Profile.objects.count() == 1


@pytest.mark.parametrize(
    "answer",
    [
        requests.ConnectionError("refused"),
        requests.ReadTimeout("slow"),
        (500, "{}"),
        (503, "{}"),
        (200, "not json"),
        (200, "{}"),
        (200, "[]"),
        (200, "null"),
        (200, '{"id": 5}'),
        (200, '{"id": null}'),
        (200, '{"id": "x"}'),
        (404, "{}"),
        (400, "{}"),
        (400, "null"),
        (400, '{"error": {"code": "validation_error"}}'),
        (400, '{"error": {"code": "malformed_json", "details": null}}'),
    ],
    ids=str,
)
def test_without_a_usable_answer_of_auth_svc_no_user_is_made(
    staff: Persona, accounts: AccountStub, answer: Answer
) -> None:
    accounts.answer = answer

    response = staff.client.post("/users/users", NEW)

    assert failure_of(response) == (503, "service_unavailable")
    assert response.headers["Retry-After"] == "1"
    assert not Profile.objects.exists()


def test_what_auth_svc_finds_wrong_with_an_address_is_passed_on(staff: Persona, accounts: AccountStub) -> None:
    accounts.answer = 400, '{"error": {"code": "validation_error", "details": {"email": ["No."]}}}'

    response = staff.client.post("/users/users", NEW)

    assert failure_of(response) == (400, "validation_error")
    assert response.json()["error"]["details"] == {"email": ["No."]}


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({}, {"name", "email"}),
        ({"name": "x"}, {"email"}),
        ({"full_name": "x", "email": "x@example.com"}, {"name"}),
        ({"name": "", "email": "x"}, {"name", "email"}),
        ({"name": None, "email": None}, {"name", "email"}),
        ({"name": "x" * 201, "email": "x@example.com"}, {"name"}),
        ("[]", {"non_field_errors"}),
    ],
)
def test_a_wrong_user_is_refused_without_asking(
    staff: Persona, accounts: AccountStub, body: Any, names: set[str]
) -> None:
    response = staff.client.post("/users/users", body)

    assert failure_of(response) == (400, "validation_error")
    assert set(response.json()["error"]["details"]) == names
    assert accounts.calls == 0
