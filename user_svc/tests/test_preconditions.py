"""If-Match, If-None-Match and Idempotency-Key on profiles, in both APIs."""

from __future__ import annotations

from typing import Any

import pytest
from chassis.testing import JSONClient, Persona, failure_of
from chassis.testing.acts import at_once
from profiles.models import Profile

from tests.acts import make_profile
from tests.conftest import AccountStub

PATHS = ("/users/me", "/users/users/{id}")
WRITES = [
    "PUT /users/me",
    "PATCH /users/me",
    "DELETE /users/deleteprofile",
    "PATCH /users/users/{id}",
    "DELETE /users/users/{id}",
]
CREATIONS = {"/users/createprofile": {"full_name": "Alice A."}, "/users/users": {"name": "Alice A.", "email": "a@b.cc"}}


def tag(persona: Persona, path: str = "/users/me") -> str:
    return str(persona.client.get(path.format(id=persona.id)).headers["ETag"])


def write(persona: Persona, how: str, **headers: str) -> Any:
    method, path = how.format(id=persona.id).split()
    return getattr(JSONClient(persona.token), method.lower())(path, {"full_name": "B", "name": "B"}, headers=headers)


@pytest.mark.django_db
@pytest.mark.parametrize("how", WRITES)
def test_a_writer_that_has_seen_this_version_may_write(alice: Persona, how: str) -> None:
    make_profile(alice)
    seen = tag(alice)

    response = write(alice, how, **{"If-Match": seen})

    assert response.status_code in (200, 204)
    assert not Profile.objects.filter(full_name="Alice A.").exists()
    if "DELETE" not in how:
        assert response.headers["ETag"] == tag(alice) != seen


@pytest.mark.django_db
@pytest.mark.parametrize("how", WRITES)
def test_a_writer_that_has_not_is_refused_and_told_the_current_tag(alice: Persona, how: str) -> None:
    make_profile(alice)
    seen = tag(alice)
    write(alice, "PATCH /users/me")

    response = write(alice, how, **{"If-Match": seen})

    assert failure_of(response) == (412, "precondition_failed")
    assert response.headers["ETag"] == tag(alice)
    assert Profile.objects.get().full_name == "B"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", PATHS)
def test_of_many_writers_with_one_tag_exactly_one_wins(alice: Persona, path: str) -> None:
    make_profile(alice)
    seen = tag(alice)

    def change(number: int) -> Any:
        body = {"full_name": f"{number}", "name": f"{number}"}
        return JSONClient(alice.token).put(path.format(id=alice.id), body, headers={"If-Match": seen})

    replies = at_once(8, change)

    won = [number for number, reply in enumerate(replies) if reply.status_code == 200]
    assert [f"{number}" for number in won] == [Profile.objects.get().full_name]
    assert {reply.status_code for reply in replies} == {200, 412}


@pytest.mark.django_db
def test_a_profile_made_anew_has_another_tag(alice: Persona) -> None:
    make_profile(alice)
    seen = tag(alice)
    write(alice, "DELETE /users/deleteprofile")
    make_profile(alice)

    assert failure_of(write(alice, "PUT /users/me", **{"If-Match": seen})) == (412, "precondition_failed")


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_a_reader_that_holds_this_version_gets_none(alice: Persona, path: str) -> None:
    make_profile(alice)
    held = tag(alice, path)

    response = alice.client.get(path.format(id=alice.id), headers={"If-None-Match": held})
    write(alice, "PATCH /users/me")
    changed = alice.client.get(path.format(id=alice.id), headers={"If-None-Match": held})

    assert (response.status_code, response.content, response.headers["ETag"]) == (304, b"", held)
    assert changed.status_code == 200


@pytest.mark.django_db
def test_an_identity_without_a_profile_has_a_tag_that_the_profile_ends(alice: Persona) -> None:
    held = tag(alice)

    assert alice.client.get("/users/me", headers={"If-None-Match": held}).status_code == 304
    make_profile(alice)
    assert alice.client.get("/users/me", headers={"If-None-Match": held}).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("path", CREATIONS)
def test_a_creation_that_is_repeated_with_its_key_is_answered_again(alice: Persona, path: str) -> None:
    headers = {"Idempotency-Key": "k"}
    first = alice.client.post(path, CREATIONS[path], headers=headers)

    second = alice.client.post(path, CREATIONS[path], headers=headers)

    assert (first.status_code, second.status_code, second.content) == (201, 201, first.content)
    assert [second.headers[name] for name in ("ETag", "Location")] == [first.headers["ETag"], first.headers["Location"]]
    assert first.headers["ETag"] == tag(alice)
    assert ("Idempotency-Replayed" in first.headers, second.headers["Idempotency-Replayed"]) == (False, "true")


@pytest.mark.django_db
@pytest.mark.parametrize("path", CREATIONS)
def test_a_key_does_not_replace_another_profile(alice: Persona, path: str) -> None:
    alice.client.post(path, CREATIONS[path])

    other = CREATIONS[path] | {"full_name": "B", "name": "B"}

    assert failure_of(alice.client.post(path, CREATIONS[path])) == (409, "profile_exists")
    assert failure_of(alice.client.post(path, other, headers={"Idempotency-Key": "k"})) == (409, "profile_exists")
    assert Profile.objects.get().full_name == "Alice A."


@pytest.mark.django_db
def test_staff_may_repeat_a_provision_with_its_key(staff: Persona, accounts: AccountStub) -> None:
    body, headers = {"name": "Ada", "email": "ada@example.com"}, {"Idempotency-Key": "k"}

    replies = [staff.client.post("/users/users", body, headers=headers) for _ in range(2)]

    assert [reply.status_code for reply in replies] == [201, 201]
    assert replies[0].content == replies[1].content
    assert Profile.objects.count() == 1


@pytest.mark.django_db
def test_what_is_no_key_is_refused_before_anything_is_made(staff: Persona, accounts: AccountStub) -> None:
    body = {"name": "Ada", "email": "ada@example.com"}

    response = staff.client.post("/users/users", body, headers={"Idempotency-Key": ""})

    assert failure_of(response) == (400, "validation_error")
    assert (accounts.calls, Profile.objects.count()) == (0, 0)
