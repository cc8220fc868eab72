from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from accounts.models import User
from chassis.environment import Rate
from chassis.testing import JSONClient, failure_of
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona, execute, limit

ENDPOINTS = [("post", "/internal/accounts"), ("post", "/internal/staff"), ("get", f"/internal/staff/{uuid4()}")]


@pytest.mark.parametrize(
    "key", [None, "", "x", "\u00e4", "k" * 5000], ids=["none", "empty", "wrong", "latin-1", "huge"]
)
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_without_the_service_key_there_is_nothing(staff: Persona, method: str, path: str, key: str | None) -> None:
    headers = {} if key is None else {"X-Service-Key": key}

    response = getattr(staff.client, method)(path, headers=headers)

    assert failure_of(response) == (404, "not_found")


def provision(service: JSONClient, email: Any = "carol@example.com") -> Any:
    return service.post("/internal/accounts", {"email": email})


def test_provisioning_makes_an_account_that_cannot_sign_in_yet(service: JSONClient) -> None:
    response = provision(service)

    assert response.status_code == 200
    user = User.objects.get()
    assert response.json() == {
        "id": str(user.pk),
        "email": "carol@example.com",
        "is_active": True,
        "is_staff": False,
        "created_at": user.created_at.isoformat().replace("+00:00", "Z"),
    }
    assert not user.has_usable_password()


@pytest.mark.parametrize("email", ["", "carol", None, 5, [], {}, "\u0130@example.com", "nul\0@example.com"], ids=repr)
def test_provisioning_refuses_what_is_no_address(service: JSONClient, email: Any) -> None:
    assert failure_of(provision(service, email)) == (400, "validation_error")


def sign_in(service: JSONClient, password: Any = PASSWORD, email: Any = "staff@example.com", **more: Any) -> Any:
    return service.post("/internal/staff", {"email": email, "password": password, **more})


def test_staff_sign_in_to_another_service(service: JSONClient, staff: Persona) -> None:
    response = sign_in(service)

    assert response.status_code == 200
    assert response.json() == {
        "id": str(staff.user.pk),
        "email": "staff@example.com",
        "is_superuser": False,
        "session_hash": staff.user.get_session_auth_hash(),
    }


def test_who_is_not_active_staff_does_not(service: JSONClient, staff: Persona, alice: Persona) -> None:
    staff.user.deactivate()

    refusals = [sign_in(service), sign_in(service, email="alice@example.com"), sign_in(service, email="nobody@x.com")]

    assert {failure_of(response) for response in refusals} == {(401, "invalid_credentials")}


def test_an_account_that_another_constraint_refuses_is_not_looked_for_again(service: JSONClient) -> None:
    execute("ALTER TABLE accounts_user ADD CONSTRAINT no_carol CHECK (email <> 'carol@example.com')")

    assert failure_of(provision(service)) == (500, "server_error")


def test_guesses_in_another_admin_count_here(service: JSONClient, staff: Persona) -> None:
    assert [sign_in(service, "wrong horse").status_code for _ in range(5)] == 5 * [401]
    assert failure_of(sign_in(service)) == (429, "throttled")


def test_the_limit_is_that_of_the_client_whom_the_service_names(
    service: JSONClient, staff: Persona, settings: Settings
) -> None:
    limit(settings, "login_ip", Rate(1, timedelta(minutes=1)))

    assert sign_in(service, "wrong horse", address="203.0.113.7").status_code == 401
    assert sign_in(service, address="203.0.113.7").status_code == 429
    assert sign_in(service, address="203.0.113.8").status_code == 200


@pytest.mark.parametrize("address", [[], {}, None, True, "x" * 65], ids=repr)
def test_an_address_that_is_none_is_refused(service: JSONClient, staff: Persona, address: Any) -> None:
    assert failure_of(sign_in(service, address=address)) == (400, "validation_error")


def test_a_service_may_ask_whether_somebody_is_still_staff(service: JSONClient, staff: Persona) -> None:
    response = service.get(f"/internal/staff/{staff.user.pk}")

    assert response.status_code == 200
    assert response.json()["session_hash"] == staff.user.get_session_auth_hash()


def test_the_fingerprint_changes_with_the_password(service: JSONClient, staff: Persona) -> None:
    before = service.get(f"/internal/staff/{staff.user.pk}").json()["session_hash"]
    staff.user.change_password("another horse")

    assert service.get(f"/internal/staff/{staff.user.pk}").json()["session_hash"] != before


def test_who_is_no_active_staff_is_not_found(service: JSONClient, staff: Persona, alice: Persona) -> None:
    staff.user.deactivate()

    for account_id in (alice.user.pk, staff.user.pk, uuid4()):
        assert failure_of(service.get(f"/internal/staff/{account_id}")) == (404, "not_found")


def test_internal_endpoints_are_in_no_schema(anonymous: JSONClient) -> None:
    schema = anonymous.get("/auth/schema").content

    assert b"/auth/login" in schema
    assert b"internal" not in schema
