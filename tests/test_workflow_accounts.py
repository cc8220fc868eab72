"""The workflow of the account API, through the gateway: register, log in, make a task, read the profile."""

from uuid import uuid4

import requests

from tests.conftest import GATEWAY_URL


def test_the_workflow_of_the_account_api() -> None:
    credentials = {"email": f"user-{uuid4().hex}@example.com", "password": "password123"}

    registered = requests.post(f"{GATEWAY_URL}/auth/register", json=credentials, timeout=20)
    assert registered.status_code == 201

    token = requests.post(f"{GATEWAY_URL}/auth/login", json=credentials, timeout=20).json()["data"]["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}

    task = {"title": "My Task", "description": "Task description"}
    created = requests.post(f"{GATEWAY_URL}/tasks", json=task, headers=bearer, timeout=20)
    assert created.status_code == 201
    assert created.json()["data"] | task == created.json()["data"]

    profile = requests.get(f"{GATEWAY_URL}/users/me", headers=bearer, timeout=20)
    assert profile.status_code == 200
    assert profile.json()["data"]["email"] == credentials["email"]
    assert profile.json()["data"]["profile_created"] is False
