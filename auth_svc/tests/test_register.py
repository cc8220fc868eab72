from __future__ import annotations

from typing import Any

import pytest
from accounts.models import User
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import at_once
from django.core.exceptions import ValidationError
from pytest_django import Settings

from tests.conftest import Persona, execute

NEW = {"email": "carol@example.com", "password": "password123"}


def test_registering_answers_with_the_account(anonymous: JSONClient) -> None:
    response = anonymous.post("/auth/register", NEW)

    assert (response.status_code, response.headers["Location"]) == (201, "/auth/me")
    body = response.json()
    user = User.objects.get()
    assert body["success"] is True
    assert body["message"]
    assert body["error"] is None
    assert body["data"] == {
        "id": str(user.pk),
        "email": "carol@example.com",
        "is_active": True,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_the_new_account_can_sign_in(anonymous: JSONClient) -> None:
    anonymous.post("/auth/register", NEW)

    assert anonymous.post("/auth/login", NEW).status_code == 200


@pytest.mark.usefixtures("real_passwords")
def test_a_password_is_stored_as_bcrypt_of_cost_12(anonymous: JSONClient) -> None:
    anonymous.post("/auth/register", NEW)

    assert User.objects.get().password.startswith("bcrypt_sha256$$2b$12$")


@pytest.mark.usefixtures("real_passwords")
def test_a_password_beyond_72_bytes_counts_to_its_end(anonymous: JSONClient) -> None:
    long = "ä" * 100
    anonymous.post("/auth/register", {**NEW, "password": f"{long}1"})

    assert failure_of(anonymous.post("/auth/login", {**NEW, "password": f"{long}2"})) == (401, "invalid_credentials")
    assert anonymous.post("/auth/login", {**NEW, "password": f"{long}1"}).status_code == 200


def test_a_password_keeps_its_spaces(anonymous: JSONClient) -> None:
    anonymous.post("/auth/register", {**NEW, "password": " a secret  "})

    assert User.objects.get().check_password(" a secret  ")


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@Example.COM", " alice@example.com "])
def test_an_address_is_one_account_in_whatever_case(alice: Persona, anonymous: JSONClient, email: str) -> None:
    response = anonymous.post("/auth/register", {**NEW, "email": email})

    assert failure_of(response) == (409, "email_taken")
    assert User.objects.count() == 1


def test_what_another_constraint_refuses_is_not_called_a_taken_address(anonymous: JSONClient) -> None:
    execute("ALTER TABLE accounts_user ADD CONSTRAINT no_carol CHECK (email <> 'carol@example.com')")

    assert failure_of(anonymous.post("/auth/register", NEW)) == (500, "server_error")


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_register_one_address_at_once_one_gets_it() -> None:
    def register(index: int) -> int:
        email = "carol@example.com" if index % 2 else "Carol@Example.com"
        return int(JSONClient().post("/auth/register", {**NEW, "email": email}).status_code)

    assert sorted(at_once(10, register)) == [201] + 9 * [409]
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "password",
    ["short", "1234567890", " " * 12, "carol@example.com", "", "x" * 257, "nul\0in the middle"],
    ids=["short", "numeric", "spaces", "like the address", "empty", "too long", "nul"],
)
def test_a_weak_password_is_refused_by_name(anonymous: JSONClient, password: str) -> None:
    response = anonymous.post("/auth/register", {**NEW, "password": password})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["password"]
    assert not User.objects.exists()


def test_a_common_password_is_refused_where_the_deployment_says_so(anonymous: JSONClient, settings: Settings) -> None:
    common = {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"}
    settings.AUTH_PASSWORD_VALIDATORS = [*settings.AUTH_PASSWORD_VALIDATORS, common]

    response = anonymous.post("/auth/register", NEW)

    assert failure_of(response) == (400, "validation_error")
    assert "password" in response.json()["error"]["details"]


@pytest.mark.parametrize(
    "email",
    ["", "carol", "carol@", "@example.com", "a@b@c.com", "nul\0@example.com", f"{'a' * 250}@example.com"],
)
def test_what_is_no_address_is_refused_by_name(anonymous: JSONClient, email: str) -> None:
    response = anonymous.post("/auth/register", {**NEW, "email": email})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["email"]


@pytest.mark.parametrize("email", ["carol@\u0130.com", "\u0130@example.com", "\u212aate@example.com", "a@müller.de"])
def test_an_address_whose_lower_case_is_in_doubt_is_refused(anonymous: JSONClient, email: str) -> None:
    response = anonymous.post("/auth/register", {**NEW, "email": email})

    assert failure_of(response) == (400, "validation_error")
    assert "ASCII" in response.json()["error"]["details"]["email"][0]


def test_the_model_refuses_such_an_address_too() -> None:
    with pytest.raises(ValidationError, match="ASCII"):
        User(email="\u0130@example.com", password="x").full_clean(validate_unique=False, validate_constraints=False)


def test_an_international_domain_is_welcome_in_ascii(anonymous: JSONClient) -> None:
    assert anonymous.post("/auth/register", {**NEW, "email": "a@xn--mller-kva.de"}).status_code == 201


@pytest.mark.parametrize("value", [None, True, 12345678901, 1.5, ["password123"], {"a": "b"}], ids=repr)
@pytest.mark.parametrize("name", ["email", "password"])
def test_what_is_no_text_is_refused_by_name(anonymous: JSONClient, name: str, value: Any) -> None:
    response = anonymous.post("/auth/register", {**NEW, name: value})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == [name]


def test_both_fields_are_required(anonymous: JSONClient) -> None:
    response = anonymous.post("/auth/register", {})

    assert failure_of(response) == (400, "validation_error")
    assert set(response.json()["error"]["details"]) == {"email", "password"}


def test_what_the_server_owns_is_ignored(anonymous: JSONClient, alice: Persona) -> None:
    owned = {
        "id": str(alice.user.pk),
        "is_active": False,
        "is_staff": True,
        "is_superuser": True,
        "created_at": "2000-01-01T00:00:00Z",
        "groups": [1],
    }

    response = anonymous.post("/auth/register", {**NEW, **owned})

    assert response.status_code == 201
    user = User.objects.get(email="carol@example.com")
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, False, False)
    assert user.pk != alice.user.pk
    assert user.created_at.year > 2000


def test_the_answer_does_not_hold_the_password(anonymous: JSONClient) -> None:
    assert b"password123" not in anonymous.post("/auth/register", NEW).content
