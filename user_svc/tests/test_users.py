"""The resource API: /users/users, for everyone themselves, for staff the directory."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from chassis.testing.acts import next_link, pages
from profiles.models import Profile

from tests.acts import make_profile

pytestmark = pytest.mark.django_db


def test_alice_sees_herself_and_staff_the_directory(alice: Persona, bob: Persona, staff: Persona) -> None:
    make_profile(alice)
    make_profile(bob, "Bob B.")

    assert [user["id"] for user in alice.client.get("/users/users").json()] == [str(alice.id)]
    assert [user["id"] for user in staff.client.get("/users/users").json()] == [str(bob.id), str(alice.id)]


def test_the_next_page_is_in_the_link_header(staff: Persona) -> None:
    ids = [str(Profile.objects.create(user_id=uuid4(), full_name="x", email="x@example.com").pk) for _ in range(5)]

    walked = list(pages(staff.client, "/users/users?page_size=2"))

    assert [len(page) for page in walked] == [2, 2, 1]
    assert [user["id"] for page in walked for user in page] == ids[::-1]


def test_users_of_one_instant_each_come_once(staff: Persona) -> None:
    for _ in range(5):
        Profile.objects.create(user_id=uuid4(), full_name="x", email="x@example.com")
    Profile.objects.update(created_at=datetime.now(UTC))

    walked = [UUID(page[0]["id"]) for page in pages(staff.client, "/users/users?page_size=1")]

    assert walked == sorted(Profile.objects.values_list("pk", flat=True), reverse=True)


def test_staffs_cursor_shows_alice_only_herself(alice: Persona, bob: Persona, staff: Persona) -> None:
    make_profile(alice)
    make_profile(bob, "Bob B.")
    following = next_link(staff.client.get("/users/users?page_size=1"))

    assert following is not None

    assert [user["id"] for user in alice.client.get(following).json()] == [str(alice.id)]
    assert bob.client.get(following).json() == []


@pytest.mark.parametrize(
    "query", ["name=x", "page=2", "page_size=0", "page_size=101", "page_size=1&page_size=1", "cursor=x", "cursor="]
)
def test_a_wrong_parameter_is_named(staff: Persona, query: str) -> None:
    response = staff.client.get(f"/users/users?{query}")

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == [query.partition("=")[0]]


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_bob_cannot_reach_alice(alice: Persona, bob: Persona, method: str) -> None:
    make_profile(alice)

    response = getattr(bob.client, method)(f"/users/users/{alice.id}", {"name": "stolen"} if method[0] == "p" else None)

    assert failure_of(response) == (404, "not_found")
    assert Profile.objects.get().full_name == "Alice A."


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_an_unknown_user_is_not_found_not_even_for_staff(staff: Persona, method: str) -> None:
    assert failure_of(getattr(staff.client, method)(f"/users/users/{uuid4()}")) == (404, "not_found")


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_anonymous_reaches_nobody(alice: Persona, anonymous: JSONClient, method: str) -> None:
    make_profile(alice)

    assert failure_of(getattr(anonymous, method)(f"/users/users/{alice.id}")) == (401, "not_authenticated")


@pytest.mark.parametrize("method", ["put", "patch"])
@pytest.mark.parametrize("who", ["alice", "staff"])
def test_only_the_field_given_changes(request: pytest.FixtureRequest, alice: Persona, who: str, method: str) -> None:
    persona: Persona = request.getfixturevalue(who)
    make_profile(alice, bio="Hello", timezone="Europe/Berlin")
    before = Profile.objects.values().get()
    stolen = {"id": str(uuid4()), "user_id": str(uuid4()), "createdAt": "2001-01-01T00:00:00Z", "bio": "x"}

    response = getattr(persona.client, method)(f"/users/users/{alice.id}", {"name": "New", **stolen})

    assert response.status_code == 200
    assert (response.json()["name"], response.json()["email"]) == ("New", alice.email)
    after = Profile.objects.values().get()
    assert after | {"updated_at": None} == before | {"full_name": "New", "updated_at": None}


def test_an_empty_object_changes_nothing(alice: Persona) -> None:
    make_profile(alice)
    before = Profile.objects.values().get()

    assert alice.client.put(f"/users/users/{alice.id}", {}).status_code == 200
    assert Profile.objects.values().get() == before


@pytest.mark.parametrize("body", [{"name": None}, {"name": ""}, {"email": "x"}, {"email": None}, "[]", "null"], ids=str)
def test_a_wrong_change_is_refused(alice: Persona, body: Any) -> None:
    make_profile(alice)

    response = alice.client.put(f"/users/users/{alice.id}", body)

    assert failure_of(response) == (400, "validation_error")
    assert Profile.objects.get().full_name == "Alice A."


@pytest.mark.parametrize("who", ["alice", "staff"])
def test_a_deleted_user_is_gone(request: pytest.FixtureRequest, alice: Persona, bob: Persona, who: str) -> None:
    persona: Persona = request.getfixturevalue(who)
    make_profile(alice)
    make_profile(bob, "Bob B.")

    response = persona.client.delete(f"/users/users/{alice.id}")

    assert (response.status_code, response.content) == (204, b"")
    assert failure_of(alice.client.get(f"/users/users/{alice.id}")) == (404, "not_found")
    assert [profile.user_id for profile in Profile.objects.all()] == [bob.id]
