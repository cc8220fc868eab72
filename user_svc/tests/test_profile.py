"""The account API: the caller's own profile."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from chassis.testing.acts import at_once
from django.db import connection
from profiles.models import Profile

from tests.acts import make_profile

pytestmark = pytest.mark.django_db

CALLS = [
    ("get", "/users/me"),
    ("put", "/users/me"),
    ("patch", "/users/me"),
    ("post", "/users/createprofile"),
    ("delete", "/users/deleteprofile"),
    ("get", "/users/me/tasks"),
]


def row(persona: Persona) -> dict[str, Any]:
    return dict(Profile.objects.filter(user_id=persona.id).values().get())


def test_before_there_is_a_profile_the_identity_is_shown_with_empty_fields(alice: Persona) -> None:
    response = alice.client.get("/users/me")

    assert response.status_code == 200
    assert response.json()["data"] == {
        "user_id": str(alice.id),
        "full_name": "",
        "email": alice.email,
        "bio": "",
        "timezone": "UTC",
        "created_at": None,
        "updated_at": None,
        "profile_created": False,
    }
    assert not Profile.objects.exists()


def test_a_name_is_enough_and_everything_else_has_a_default(alice: Persona) -> None:
    response = alice.client.post("/users/createprofile", {"full_name": "Alice A."})

    assert response.status_code == 201
    assert response.headers["Location"] == "/users/me"
    assert response.json()["message"] == "Profile created."
    profile = response.json()["data"]
    assert profile["user_id"] == str(alice.id)
    given = ("full_name", "email", "bio", "timezone")
    assert [profile[name] for name in given] == ["Alice A.", alice.email, "", "UTC"]
    assert alice.client.get("/users/me").json()["data"] == {**profile, "profile_created": True}


def test_everything_given_is_kept(alice: Persona) -> None:
    given = {"email": "other@example.org", "bio": "Hello", "timezone": "Europe/Berlin"}

    profile = make_profile(alice, **given)

    assert {name: profile[name] for name in given} == given


def test_server_owned_fields_are_never_obeyed(alice: Persona, bob: Persona) -> None:
    stolen: dict[str, Any] = {"user_id": str(bob.id), "id": str(uuid4()), "profile_created": False}
    stolen |= dict.fromkeys(("created_at", "updated_at"), "2001-01-01T00:00:00Z")
    before = datetime.now(UTC)

    make_profile(alice, **stolen)
    alice.client.put("/users/me", stolen)

    (profile,) = Profile.objects.all()
    assert profile.user_id == alice.id
    assert before <= profile.created_at <= profile.updated_at


def test_a_second_profile_is_refused_and_the_first_stays(alice: Persona) -> None:
    make_profile(alice)

    response = alice.client.post("/users/createprofile", {"full_name": "Another"})

    assert failure_of(response) == (409, "profile_exists")
    assert row(alice)["full_name"] == "Alice A."


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/users/createprofile", "/users/users"])
def test_of_parallel_creations_exactly_one_wins(alice: Persona, path: str) -> None:
    def create(number: int) -> Any:
        body = {"full_name": f"{number}", "name": f"{number}", "email": "a@example.com"}
        return JSONClient(alice.token).post(path, body)

    replies = at_once(10, create)

    assert sorted(reply.status_code for reply in replies) == [201] + [409] * 9
    (won,) = (number for number, reply in enumerate(replies) if reply.status_code == 201)
    assert row(alice)["full_name"] == str(won)
    for number, reply in enumerate(replies):
        if number != won:
            assert failure_of(reply) == (409, "profile_exists")


@pytest.mark.parametrize("path", ["/users/createprofile", "/users/users"])
def test_what_another_constraint_refuses_is_not_called_an_existing_profile(alice: Persona, path: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE profiles_profile ADD CONSTRAINT no_alice CHECK (full_name <> 'Alice')")

    response = alice.client.post(path, {"full_name": "Alice", "name": "Alice", "email": alice.email})

    assert failure_of(response) == (500, "server_error")


def test_two_profiles_may_have_one_address(alice: Persona, bob: Persona) -> None:
    make_profile(alice, email="family@example.com")

    assert make_profile(bob, email="family@example.com")["email"] == "family@example.com"


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/Argentina/Buenos_Aires", "UTC", "Etc/GMT+5"])
def test_a_time_zone_is_one_of_the_iana_database(alice: Persona, name: str) -> None:
    assert make_profile(alice, timezone=name)["timezone"] == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("full_name", None),
        ("full_name", ""),
        ("full_name", "  "),
        ("full_name", "x" * 201),
        ("full_name", ["x"]),
        ("full_name", "a\0b"),
        ("email", ""),
        ("email", "nobody"),
        ("email", f"{'x' * 250}@example.com"),
        ("email", 5),
        ("bio", "x" * 2001),
        ("bio", {}),
        ("timezone", ""),
        ("timezone", "Mars/Base"),
        ("timezone", "europe/berlin"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "/UTC"),
        ("timezone", "+01:00"),
        ("timezone", "x" * 65),
        ("timezone", 1),
    ],
)
@pytest.mark.parametrize("existing", [False, True], ids=["new", "existing"])
def test_a_wrong_value_is_named_and_nothing_is_stored(alice: Persona, existing: bool, name: str, value: Any) -> None:
    if existing:
        make_profile(alice)
        before = row(alice)
        response = alice.client.put("/users/me", {"bio": "new", name: value})
        assert row(alice) == before
    else:
        response = alice.client.post("/users/createprofile", {"full_name": "Alice", name: value})
        assert not Profile.objects.exists()

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == [name]


@pytest.mark.parametrize(("name", "length"), [("full_name", 200), ("bio", 2000)])
def test_the_longest_values_are_accepted(alice: Persona, name: str, length: int) -> None:
    assert make_profile(alice, **{"full_name": "x", name: "\U0001f600" * length})[name] == "\U0001f600" * length


@pytest.mark.parametrize("method", ["put", "patch"])
@pytest.mark.parametrize(
    ("name", "value", "stored"),
    [
        ("full_name", "New", "New"),
        ("email", "new@example.com", "new@example.com"),
        ("bio", "New", "New"),
        ("bio", "", ""),
        ("bio", None, ""),
        ("timezone", "Asia/Tokyo", "Asia/Tokyo"),
        ("timezone", None, "UTC"),
        ("email", None, "alice@example.com"),
    ],
)
def test_only_the_field_given_changes_and_null_clears(
    alice: Persona, method: str, name: str, value: Any, stored: str
) -> None:
    make_profile(alice, bio="Hello", timezone="Europe/Berlin", email="other@example.org")
    before = row(alice)

    response = getattr(alice.client, method)("/users/me", {name: value})

    assert response.status_code == 200
    assert response.json()["message"] == "Profile changed."
    after = row(alice)
    assert after.pop("updated_at") > before.pop("updated_at")
    assert after == before | {name: stored}
    assert response.json()["data"][name] == stored


@pytest.mark.parametrize("method", ["put", "patch"])
@pytest.mark.parametrize("body", [{}, {"colour": "red"}], ids=["empty", "unknown"])
def test_an_empty_object_changes_nothing(alice: Persona, method: str, body: dict[str, Any]) -> None:
    make_profile(alice, bio="Hello")
    before = row(alice)

    assert getattr(alice.client, method)("/users/me", body).status_code == 200
    assert row(alice) == before


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "[{}]"])
@pytest.mark.parametrize("call", CALLS[1:4], ids=" ".join)
def test_a_body_that_is_no_object_is_refused(alice: Persona, call: tuple[str, str], body: str) -> None:
    method, path = call
    if method != "post":
        make_profile(alice)

    assert failure_of(getattr(alice.client, method)(path, body)) == (400, "validation_error")


@pytest.mark.parametrize("method", ["put", "patch"])
def test_there_is_nothing_to_change_before_there_is_a_profile(alice: Persona, method: str) -> None:
    response = getattr(alice.client, method)("/users/me", {"bio": "Hello"})

    assert failure_of(response) == (404, "profile_not_found")
    assert not Profile.objects.exists()


def test_a_deleted_profile_is_gone_and_bobs_stays(alice: Persona, bob: Persona) -> None:
    make_profile(alice)
    make_profile(bob, "Bob B.")

    response = alice.client.delete("/users/deleteprofile")

    assert response.status_code == 200
    assert response.json() == {"success": True, "message": "Profile deleted.", "data": None, "error": None}
    assert [profile.user_id for profile in Profile.objects.all()] == [bob.id]
    assert failure_of(alice.client.delete("/users/deleteprofile")) == (404, "profile_not_found")
    assert make_profile(alice)["full_name"] == "Alice A."


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_anonymous_has_no_profile(anonymous: JSONClient, call: tuple[str, str]) -> None:
    method, path = call

    assert failure_of(getattr(anonymous, method)(path)) == (401, "not_authenticated")
