"""The resource API: /users/users, for everyone themselves, for staff the directory."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from chassis.testing import JSONClient, Persona, failure_of
from chassis.testing.acts import at_once, next_link, pages
from django.db import connection, transaction
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


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_bob_cannot_reach_alice(alice: Persona, bob: Persona, method: str) -> None:
    make_profile(alice)

    response = getattr(bob.client, method)(f"/users/users/{alice.id}", {"name": "stolen"} if method == "put" else None)

    assert failure_of(response) == (404, "not_found")
    assert Profile.objects.get().full_name == "Alice A."


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_an_unknown_user_is_not_found_not_even_for_staff(staff: Persona, method: str) -> None:
    assert failure_of(getattr(staff.client, method)(f"/users/users/{uuid4()}")) == (404, "not_found")


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_anonymous_reaches_nobody(alice: Persona, anonymous: JSONClient, method: str) -> None:
    make_profile(alice)

    assert failure_of(getattr(anonymous, method)(f"/users/users/{alice.id}")) == (401, "not_authenticated")


@pytest.mark.parametrize("who", ["alice", "staff"])
def test_only_the_field_given_changes(request: pytest.FixtureRequest, alice: Persona, who: str) -> None:
    persona: Persona = request.getfixturevalue(who)
    make_profile(alice, bio="Hello", timezone="Europe/Berlin")
    before = Profile.objects.values().get()
    stolen = {"id": str(uuid4()), "user_id": str(uuid4()), "createdAt": "2001-01-01T00:00:00Z", "bio": "x"}

    response = persona.client.put(f"/users/users/{alice.id}", {"name": "New", **stolen})

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


def test_there_is_no_patch(alice: Persona) -> None:
    assert failure_of(alice.client.patch(f"/users/users/{alice.id}", {})) == (405, "method_not_allowed")


def during_a_change_of(persona: Persona, write: Any, act: Any) -> Any:
    """Start `act` in another thread while a transaction has written and not committed; return what it returned."""
    started = Event()

    def run() -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            started.set()
            return act()
        finally:
            connection.close()

    pids: list[int] = []
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            write(Profile.objects.filter(pk=persona.id))
            future = threads.submit(run)
            assert started.wait(5)
            with connection.cursor() as cursor:
                waiting = False
                while not waiting:
                    cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", pids)
                    (waiting,) = cursor.fetchone()
                    assert not future.done(), future.result()
        return future.result()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/users/me", "/users/users/{id}"])
def test_a_change_does_not_undo_another_that_it_waited_for(alice: Persona, path: str) -> None:
    make_profile(alice)
    change = {"full_name": "New", "name": "New"}

    response = during_a_change_of(
        alice,
        lambda profiles: profiles.update(email="new@example.com"),
        lambda: JSONClient(alice.token).put(path.format(id=alice.id), change),
    )

    assert response.status_code == 200
    profile = Profile.objects.get()
    assert (profile.full_name, profile.email) == ("New", "new@example.com")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/users/me", "/users/users/{id}"])
def test_a_change_does_not_bring_back_what_was_deleted_meanwhile(alice: Persona, path: str) -> None:
    make_profile(alice)

    response = during_a_change_of(
        alice,
        lambda profiles: profiles.delete(),
        lambda: JSONClient(alice.token).put(path.format(id=alice.id), {"full_name": "New", "name": "New"}),
    )

    assert response.status_code == 404
    assert not Profile.objects.exists()
