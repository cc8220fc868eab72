"""A token is good everywhere or nowhere: what ends it, how fast, and what an account's end takes with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import PASSWORD, Persona, failure_of, login, new_client
from tests.local_stack import LocalStack
from tests.waiting import eventually

# TOKEN_CACHE_SECONDS, and as much again for a slow machine.
DEAD_WITHIN = 10.0


def is_dead_everywhere(persona: Persona) -> bool:
    answers = [persona.client.get(path) for path in ("/auth/me", "/tasks", "/users/me")]
    return all(answer.status_code == 401 for answer in answers)


def log_out(persona: Persona) -> None:
    assert persona.client.post("/auth/logout").status_code == 200


def end_all_sessions(persona: Persona) -> None:
    assert persona.client.delete("/auth/sessions").status_code == 200


def end_this_session_from_elsewhere(persona: Persona) -> None:
    elsewhere = new_client(login(persona.email)["access_token"])
    sessions = elsewhere.get("/auth/sessions").json()["data"]
    other = next(session["id"] for session in sessions if not session["is_current"])
    assert elsewhere.delete(f"/auth/sessions/{other}").status_code == 200


def change_password_elsewhere(persona: Persona) -> None:
    elsewhere = new_client(login(persona.email)["access_token"])
    body = {"old_password": PASSWORD, "new_password": "another fine phrase"}
    assert elsewhere.post("/auth/password/change", json=body).status_code == 200
    assert elsewhere.get("/auth/me").status_code == 200


def delete_the_account(persona: Persona) -> None:
    assert persona.client.delete("/auth/me", json={"password": PASSWORD}).status_code == 202


@pytest.mark.parametrize(
    "end",
    [log_out, end_all_sessions, end_this_session_from_elsewhere, change_password_elsewhere, delete_the_account],
)
def test_a_token_is_dead_everywhere_soon_after_its_session_ends(alice: Persona, end: Callable[[Persona], None]) -> None:
    assert not is_dead_everywhere(alice)

    end(alice)

    assert failure_of(alice.client.get("/auth/me")) == (401, "token_invalid")
    eventually(lambda: is_dead_everywhere(alice), within=DEAD_WITHIN)
    refreshed = new_client().post("/auth/refresh", json={"refresh_token": alice.tokens["refresh_token"]})
    assert failure_of(refreshed) == (401, "token_invalid")


def test_a_revoked_token_that_only_one_service_remembers_is_a_401_and_no_outage(alice: Persona, bob: Persona) -> None:
    """task_svc remembers the token and relays it to user_svc, which asks auth_svc; and the other way round."""
    assert alice.client.get("/tasks").status_code == 200
    log_out(alice)
    posted = alice.client.post("/tasks/tasks", json={"userId": str(bob.id), "title": "x"})
    assert failure_of(posted) == (401, "token_invalid")

    assert bob.client.get("/users/me").status_code == 200
    log_out(bob)
    assert failure_of(bob.client.get("/users/me/tasks")) == (401, "token_invalid")


def test_a_refresh_token_is_good_for_no_request(alice: Persona) -> None:
    thief = new_client(alice.tokens["refresh_token"])

    for path in ("/auth/me", "/tasks", "/users/me"):
        assert failure_of(thief.get(path)) == (401, "token_invalid"), path


def test_ten_concurrent_refreshes_get_one_and_the_same_pair(alice: Persona) -> None:
    body = {"refresh_token": alice.tokens["refresh_token"]}

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: new_client().post("/auth/refresh", json=body), range(10)))

    assert {answer.status_code for answer in answers} == {200}
    pairs = {(a.json()["data"]["access_token"], a.json()["data"]["refresh_token"]) for a in answers}
    assert len(pairs) == 1
    assert new_client(pairs.pop()[0]).get("/tasks").status_code == 200


def test_a_refresh_token_two_rotations_old_ends_the_session(alice: Persona) -> None:
    first = alice.tokens["refresh_token"]
    second = new_client().post("/auth/refresh", json={"refresh_token": first}).json()["data"]
    third = new_client().post("/auth/refresh", json={"refresh_token": second["refresh_token"]}).json()["data"]

    stolen = new_client().post("/auth/refresh", json={"refresh_token": first})

    assert failure_of(stolen) == (401, "token_invalid")
    assert failure_of(new_client(third["access_token"]).get("/auth/me")) == (401, "token_invalid")
    again = new_client().post("/auth/refresh", json={"refresh_token": third["refresh_token"]})
    assert failure_of(again) == (401, "token_invalid")


def test_guesses_are_limited_across_workers(alice: Persona) -> None:
    def guess(number: int) -> tuple[int, str | None]:
        credentials = {"email": alice.email, "password": f"guess {number}"}
        response = new_client().post("/auth/login", json=credentials)
        while response.status_code == 503:
            # So many at once find no room to be hashed, and are told when to come back.
            time.sleep(int(response.headers["Retry-After"]))
            response = new_client().post("/auth/login", json=credentials)
        return response.status_code, response.headers.get("Retry-After")

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(guess, range(12)))

    assert sorted(status for status, _ in answers) == [401] * 5 + [429] * 7
    assert all(retry and 1 <= int(retry) <= 60 for status, retry in answers if status == 429)


def test_the_end_of_an_account_takes_its_profile_and_tasks_along(alice: Persona, staff: Persona) -> None:
    alice.client.post("/users/createprofile", json={"full_name": "Alice"})
    task = alice.client.post("/tasks", json={"title": "left behind"}).json()["data"]["id"]
    assert staff.client.get(f"/tasks/tasks/{task}").status_code == 200

    delete_the_account(alice)

    eventually(lambda: staff.client.get(f"/tasks/tasks/{task}").status_code == 404, within=30)
    eventually(lambda: staff.client.get(f"/users/users/{alice.id}").status_code == 404, within=30)


def test_a_wrong_password_deletes_nothing(alice: Persona) -> None:
    refused = alice.client.delete("/auth/me", json={"password": "wrong"})

    assert failure_of(refused) == (403, "wrong_password")
    assert alice.client.get("/auth/me").status_code == 200


def test_a_reset_token_from_the_mail_sets_a_new_password_once(alice: Persona, stack: LocalStack) -> None:
    asked = new_client().post("/auth/password/reset", json={"email": alice.email})
    unknown = new_client().post("/auth/password/reset", json={"email": "nobody@example.com"})
    assert asked.json() == unknown.json()

    eventually(lambda: stack.reset_tokens(alice.email), within=30)
    body = {"token": stack.reset_tokens(alice.email)[0], "new_password": "a brand new phrase"}
    assert new_client().post("/auth/password/reset/confirm", json=body).status_code == 200
    assert failure_of(new_client().post("/auth/password/reset/confirm", json=body)) == (400, "validation_error")
    assert login(alice.email, "a brand new phrase")["access_token"]
    assert failure_of(alice.client.get("/auth/me")) == (401, "token_invalid")
