"""The workflow of the resource API and each of its routes, through the gateway, with a Bearer token."""

from __future__ import annotations

import re
from uuid import uuid4

from tests.conftest import Client, Persona, failure_of, new_client


def test_the_workflow_of_the_resource_api(alice: Persona) -> None:
    client = alice.client

    user = client.post("/users/users", json={"name": "Alice", "email": "alice@example.com"})
    assert user.status_code == 201
    assert set(user.json()) == {"id", "name", "email", "createdAt"}
    user_id = user.json()["id"]

    body = {"userId": user_id, "title": "Buy milk", "description": "2% organic"}
    task = client.post("/tasks/tasks", json=body)
    assert task.status_code == 201
    assert task.json() | body == task.json()
    assert task.json()["status"] == "pending"
    task_id = task.json()["id"]

    assert [row["id"] for row in client.get(f"/tasks/tasks?userId={user_id}").json()] == [task_id]
    assert client.get(f"/tasks/tasks?userId={user_id}&status=completed").json() == []
    combined = client.get(f"/users/users/{user_id}/tasks").json()
    assert combined == {"user": user.json(), "tasks": [task.json()], "degraded": False}

    assert client.put(f"/tasks/tasks/{task_id}", json={"status": "completed"}).json()["title"] == "Buy milk"
    assert client.put(f"/users/users/{user_id}", json={"name": "Alicia"}).json()["email"] == "alice@example.com"
    assert client.delete(f"/tasks/tasks/{task_id}").status_code == 204
    assert failure_of(client.get(f"/tasks/tasks/{task_id}")) == (404, "not_found")
    assert client.delete(f"/users/users/{user_id}").status_code == 204
    assert failure_of(client.get(f"/users/users/{user_id}")) == (404, "not_found")


def test_a_new_account_creates_its_own_task_before_it_has_a_profile(alice: Persona) -> None:
    task = alice.client.post("/tasks/tasks", json={"userId": alice.id, "title": "first"})

    assert (task.status_code, task.json()["userId"]) == (201, alice.id)
    assert failure_of(alice.client.get(f"/users/users/{alice.id}")) == (404, "not_found")


def test_both_apis_show_the_same_rows(alice: Persona) -> None:
    made_here = alice.client.post("/tasks", json={"title": "one"}).json()["data"]["id"]
    alice.client.post("/users/createprofile", json={"full_name": "Alice"})
    made_there = alice.client.post("/tasks/tasks", json={"userId": alice.id, "title": "two"}).json()["id"]

    assert {row["id"] for row in alice.client.get("/tasks").json()["data"]} == {made_here, made_there}
    assert {row["id"] for row in alice.client.get("/tasks/tasks").json()} == {made_here, made_there}
    assert alice.client.get(f"/users/users/{alice.id}").json()["name"] == "Alice"


def test_bob_sees_nothing_of_alices(alice: Persona, bob: Persona) -> None:
    alice.client.post("/users/users", json={"name": "Alice", "email": alice.email})
    task = alice.client.post("/tasks/tasks", json={"userId": alice.id, "title": "secret"}).json()["id"]

    for method, path in (
        ("GET", f"/tasks/{task}"),
        ("PATCH", f"/tasks/{task}"),
        ("DELETE", f"/tasks/{task}"),
        ("GET", f"/tasks/tasks/{task}"),
        ("PUT", f"/tasks/tasks/{task}"),
        ("DELETE", f"/tasks/tasks/{task}"),
        ("GET", f"/users/users/{alice.id}"),
        ("GET", f"/users/users/{alice.id}/tasks"),
        ("DELETE", f"/users/users/{alice.id}"),
    ):
        assert failure_of(bob.client.request(method, path, json={})) == (404, "not_found"), path
    assert bob.client.get(f"/tasks/tasks?userId={alice.id}").json() == []
    assert bob.client.get("/users/users").json() == []
    refused = bob.client.post("/tasks/tasks", json={"userId": alice.id, "title": "planted"})
    assert failure_of(refused) == (400, "user_not_found")


def test_a_task_for_nobody_is_refused(alice: Persona) -> None:
    response = alice.client.post("/tasks/tasks", json={"userId": str(uuid4()), "title": "lost"})

    assert failure_of(response) == (400, "user_not_found")
    assert list(response.json()["error"]["details"]) == ["userId"]


def test_staff_make_users_whose_owners_sign_in_after_a_reset(staff: Persona, anonymous: Client) -> None:
    email = f"carol-{uuid4().hex[:12]}@example.com"

    user = staff.client.post("/users/users", json={"name": "Carol", "email": email})
    again = staff.client.post("/users/users", json={"name": "Carol", "email": email.upper()})

    assert user.status_code == 201
    assert failure_of(again) == (409, "profile_exists")
    body = {"userId": user.json()["id"], "title": "for Carol"}
    assert staff.client.post("/tasks/tasks", json=body).status_code == 201
    combined = staff.client.get(f"/users/users/{user.json()['id']}/tasks").json()
    assert [task["title"] for task in combined["tasks"]] == ["for Carol"]
    refused = anonymous.post("/auth/login", json={"email": email, "password": ""})
    assert refused.status_code in (400, 401)


def test_bare_lists_page_through_the_link_header(alice: Persona) -> None:
    alice.client.post("/users/users", json={"name": "Alice", "email": alice.email})
    made = [alice.client.post("/tasks", json={"title": str(n)}).json()["data"]["id"] for n in range(5)]

    seen: list[str] = []
    url: str | None = "/tasks/tasks?page_size=2"
    while url:
        response = alice.client.get(url)
        seen += [row["id"] for row in response.json()]
        link = re.fullmatch(r'<(.+)>; rel="next"', response.headers.get("Link", ""))
        url = link[1] if link else None

    assert seen == made[::-1]


def test_every_call_needs_a_token() -> None:
    for path in ("/tasks/tasks", "/users/users", f"/users/users/{uuid4()}", "/tasks", "/users/me"):
        response = new_client().get(path)
        assert failure_of(response) == (401, "not_authenticated"), path
        assert response.headers["WWW-Authenticate"].startswith("Bearer")
