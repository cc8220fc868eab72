"""`./manage_all.sh demo` makes a system worth looking at, through the API, and only once."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from local.services import ROOT
from tests.conftest import login, new_client
from tests.local_stack import LocalStack

EMAILS = ("alice@example.com", "bob@example.com", "sam@example.com")


def run_demo() -> str:
    return subprocess.check_output([str(ROOT / "manage_all.sh"), "demo"], text=True)


@pytest.fixture(scope="module")
def password(stack: LocalStack) -> str:
    """Make the demo, if no earlier test has; return its password."""
    (password,) = re.findall(r"Sign in with the password (\S+) as", run_demo())
    return str(password)


def get(email: str, password: str, path: str) -> Any:
    response = new_client(login(email, password)["access_token"]).get(path)
    assert response.status_code == 200, response.text
    return response.json()


def test_three_people_have_profiles_and_fifty_tasks(password: str) -> None:
    tasks = [task for email in EMAILS for task in get(email, password, "/tasks?page_size=100")["data"]]
    profiles = [get(email, password, "/users/me")["data"] for email in EMAILS]

    assert len(tasks) == 50
    assert len({task["title"] for task in tasks}) == 50
    assert {task["status"] for task in tasks} == {"pending", "in_progress", "completed"}
    assert all(profile["profile_created"] and profile["full_name"] for profile in profiles)


def test_one_of_them_is_staff(password: str) -> None:
    owners = {task["userId"] for task in get("sam@example.com", password, "/tasks/tasks?page_size=100")}
    own = {task["userId"] for task in get("alice@example.com", password, "/tasks/tasks?page_size=100")}

    assert len(owners) > 1
    assert len(own) == 1


def test_a_second_run_adds_nothing_and_says_so(password: str) -> None:
    before = get("sam@example.com", password, "/users/users?page_size=100")

    assert "nothing was added" in run_demo()

    assert get("sam@example.com", password, "/users/users?page_size=100") == before
    assert len(get("bob@example.com", password, "/tasks?page_size=100")["data"]) == 16


def test_a_second_run_completes_what_is_missing(password: str) -> None:
    bob = new_client(login("bob@example.com", password)["access_token"])
    assert bob.delete("/users/deleteprofile").status_code == 200

    assert "Added the profile of Bob Lindqvist.\n" in run_demo()
