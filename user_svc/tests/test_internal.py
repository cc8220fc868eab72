"""/internal/..., for the other services alone."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from chassis.contracts import SERVICE_KEY_HEADER
from chassis.testing import JSONClient, Persona, failure_of
from chassis.testing.admin import StaffStub, sign_in
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from profiles.models import Profile, Tombstone

from tests.acts import make_profile

pytestmark = pytest.mark.django_db


def test_erasing_an_account_removes_its_profile_and_nobody_elses(
    alice: Persona, bob: Persona, service: JSONClient
) -> None:
    make_profile(alice)
    make_profile(bob, "Bob B.")

    response = service.delete(f"/internal/accounts/{alice.id}")

    assert (response.status_code, response.content) == (204, b"")
    assert [profile.user_id for profile in Profile.objects.all()] == [bob.id]


def test_erasing_staff_removes_their_mirror_and_their_profile_from_the_log(
    staff_service: StaffStub, staff: Persona, alice: Persona, service: JSONClient
) -> None:
    staff_service.add("root")
    admin, _ = sign_in("root@example.com")
    admin.handler.enforce_csrf_checks = False
    for persona in (staff, alice):
        make_profile(persona)
        admin.post(f"/users/admin/profiles/profile/{persona.id}/delete/", {"post": "yes"})
    User.objects.create(username=str(staff.id), email=staff.email, first_name=staff.email)

    assert service.delete(f"/internal/accounts/{staff.id}").status_code == 204

    assert list(User.objects.values_list("email", flat=True)) == ["root@example.com"]
    kept = LogEntry.objects.order_by("pk").values_list("object_id", "object_repr")
    assert list(kept) == [(None, "erased"), (str(alice.id), str(alice.id))]


def test_erasing_again_or_an_unknown_account_changes_nothing(alice: Persona, bob: Persona, service: JSONClient) -> None:
    make_profile(bob)

    for account_id in (alice.id, alice.id, uuid4()):
        assert service.delete(f"/internal/accounts/{account_id}").status_code == 204
    assert Profile.objects.count() == 1


def test_an_account_that_was_deleted_is_remembered_and_one_that_is_unknown_is_not(
    alice: Persona, bob: Persona, service: JSONClient
) -> None:
    for persona in (alice, bob):
        make_profile(persona)
    assert service.get("/internal/accounts").json() == {"ids": sorted(str(each.id) for each in (alice, bob))}

    service.delete(f"/internal/accounts/{alice.id}")
    service.delete(f"/internal/accounts/{bob.id}?deleted=false")

    assert service.get("/internal/accounts").json() == {"ids": []}
    answer = service.post("/internal/accounts/deleted", {"ids": [str(alice.id), str(bob.id)]})
    assert answer.json() == {"ids": [str(alice.id)]}
    assert Tombstone.objects.count() == 1


@pytest.mark.parametrize("key", [None, "", "wrong", "\xe9"])
def test_without_the_key_the_endpoint_does_not_exist(staff: Persona, key: str | None) -> None:
    make_profile(staff)
    headers: dict[str, Any] = {} if key is None else {SERVICE_KEY_HEADER: key}

    response = staff.client.delete(f"/internal/accounts/{staff.id}", headers=headers)

    assert failure_of(response) == (404, "not_found")
    assert Profile.objects.exists()


def test_internal_endpoints_are_in_no_schema(anonymous: JSONClient) -> None:
    schema = json.loads(anonymous.get("/users/schema?format=json").content)

    assert "/users/me" in schema["paths"]
    assert not [path for path in schema["paths"] if "internal" in path]
