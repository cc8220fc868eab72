"""Somebody registers the address of somebody else, for whom staff then makes a user and a task."""

from __future__ import annotations

from uuid import uuid4

from tests.conftest import PASSWORD, Persona, failure_of, login, new_client
from tests.local_stack import LocalStack
from tests.waiting import eventually

NEW_PASSWORD = "a phrase of the victim's own"


def squat(email: str) -> Persona:
    registered = new_client().post("/auth/register", json={"email": email, "password": PASSWORD})
    assert registered.status_code == 201
    tokens = login(email)
    squatter = Persona(registered.json()["data"]["id"], email, tokens, new_client(tokens["access_token"]))
    profile = {"full_name": "The Victim", "email": email}
    assert squatter.client.post("/users/createprofile", json=profile).status_code == 201
    return squatter


def provision(staff: Persona, email: str) -> tuple[str, str]:
    """Make a user for an address and a task for the user, as staff; return their ids."""
    user = staff.client.post("/users/users", json={"name": "The Victim", "email": email})
    assert user.status_code == 201, user.text
    body = {"userId": user.json()["id"], "title": "for the victim's eyes"}
    task = staff.client.post("/tasks/tasks", json=body)
    assert task.status_code == 201, task.text
    return user.json()["id"], task.json()["id"]


def reset(stack: LocalStack, email: str, **more: object) -> None:
    assert new_client().post("/auth/password/reset", json={"email": email}).status_code == 200
    eventually(lambda: stack.reset_tokens(email), within=30)
    body = {"token": stack.reset_tokens(email)[-1], "new_password": NEW_PASSWORD, **more}
    confirmed = new_client().post("/auth/password/reset/confirm", json=body)
    assert confirmed.status_code == 200, confirmed.text


def test_a_squatter_sees_nothing_of_what_staff_makes_for_the_address(staff: Persona, stack: LocalStack) -> None:
    email = f"victim-{uuid4().hex[:12]}@example.com"
    squatter = squat(email)
    planted = squatter.client.post("/tasks", json={"title": "planted"}).json()["data"]["id"]

    user_id, task_id = provision(staff, email)

    assert user_id != squatter.id
    # The services may remember the squatter's token for some seconds: it opens the squatter's own rows and no others.
    for path in ("/tasks", "/tasks/tasks", f"/tasks/tasks/{task_id}", f"/users/users/{user_id}", "/users/me/tasks"):
        answer = squatter.client.get(path)
        assert "for the victim's eyes" not in answer.text, path
        assert user_id not in answer.text, path
    assert squatter.client.get(f"/tasks/tasks/{task_id}").status_code in (401, 404)
    refused = new_client().post("/auth/login", json={"email": email, "password": PASSWORD})
    assert failure_of(refused) == (401, "invalid_credentials")
    eventually(lambda: squatter.client.get("/tasks").status_code == 401, within=10)

    reset(stack, email)
    victim = new_client(login(email, NEW_PASSWORD)["access_token"])
    assert victim.get("/auth/me").json()["data"]["id"] == user_id
    assert [task["id"] for task in victim.get("/tasks").json()["data"]] == [task_id]
    assert victim.get(f"/tasks/tasks/{planted}").status_code == 404
    # What the squatter made is kept for staff to judge.
    assert staff.client.get(f"/tasks/tasks/{planted}").json()["userId"] == squatter.id


def test_a_victim_who_starts_afresh_gets_nothing_of_the_squatters(staff: Persona, stack: LocalStack) -> None:
    email = f"victim-{uuid4().hex[:12]}@example.com"
    squatter = squat(email)
    planted = squatter.client.post("/tasks", json={"title": "planted"}).json()["data"]["id"]

    reset(stack, email, start_afresh=True)

    victim = new_client(login(email, NEW_PASSWORD)["access_token"])
    assert victim.get("/auth/me").json()["data"]["id"] != squatter.id
    assert victim.get("/tasks").json()["data"] == []
    assert victim.get("/users/me").json()["data"]["profile_created"] is False
    assert failure_of(squatter.client.get("/auth/me")) == (401, "token_invalid")
    assert staff.client.get(f"/tasks/tasks/{planted}").json()["userId"] == squatter.id
