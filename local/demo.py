"""`./manage_all.sh demo`: accounts, profiles and tasks to look at, made through the gateway as clients make them."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from local.config import Config
from local.errors import StackError
from local.services import ROOT
from local.stack import Stack

FILE = ROOT / "local" / "demo_tasks.csv"
STAFF = "sam@example.com"
NAMES = {"alice@example.com": "Alice Moreau", "bob@example.com": "Bob Lindqvist", STAFF: "Sam Okafor"}
PROFILES = {
    "alice@example.com": {"bio": "Runs the autumn conference.", "timezone": "Europe/Paris"},
    "bob@example.com": {"bio": "Renovates a house, slowly.", "timezone": "Europe/Stockholm"},
    STAFF: {"bio": "Keeps the system running.", "timezone": "Africa/Lagos"},
}


class Demo:
    """The demonstration accounts of one stack, which have one password, made for this stack alone."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.password = config.secret("demo_password").read_text()[:16]
        self.client = requests.Session()
        self.client.trust_env = False

    def fill(self) -> list[str]:
        """Make what is missing; return a line for each thing that was made."""
        made = []
        for email, name in NAMES.items():
            made += [f"the account {email}"] if self.join(email) else []
            self.client.headers["Authorization"] = f"Bearer {self.token(email)}"
            made += [f"the profile of {name}"] if self.introduce(email, name) else []
            count = self.add_tasks(email)
            made += [f"{count} tasks of {name}"] if count else []
            del self.client.headers["Authorization"]
        return made

    def join(self, email: str) -> bool:
        """Make an account, unless it is there."""
        if email == STAFF:
            return self.join_as_staff()
        return self.call("POST", "/auth/register", {201, 409}, **self.credentials(email)).status_code == 201

    def join_as_staff(self) -> bool:
        """Make the first staff account as an operator does: no call of the API gives these rights."""
        if self.call("POST", "/auth/login", {200, 401}, **self.credentials(STAFF)).status_code == 200:
            return False
        given = {"DJANGO_SUPERUSER_EMAIL": STAFF, "DJANGO_SUPERUSER_PASSWORD": self.password}
        command = [sys.executable, "-m", "local", "createsuperuser", "--noinput"]
        done = subprocess.run(command, cwd=ROOT, env=os.environ | given, capture_output=True, text=True)
        if done.returncode:
            raise StackError(f"{STAFF} cannot be made: {done.stderr.strip().splitlines()[-1]}")
        return True

    def token(self, email: str) -> str:
        answer = self.call("POST", "/auth/login", {200, 401}, **self.credentials(email))
        if answer.status_code == 401:
            raise StackError(f"{email} is here already, with a password that is not the demo's.")
        token: str = answer.json()["data"]["access_token"]
        return token

    def introduce(self, email: str, name: str) -> bool:
        """Make the profile of who is signed in, unless it is there."""
        answer = self.call("POST", "/users/createprofile", {201, 409}, full_name=name, **PROFILES[email])
        return answer.status_code == 201

    def add_tasks(self, email: str) -> int:
        """Give an account without any task its tasks, all at once; return how many."""
        if self.call("GET", "/tasks?page_size=1", {200}).json()["data"]:
            return 0
        tasks = tasks_of(email)
        self.call("POST", "/tasks/bulk", {201}, tasks)
        return len(tasks)

    def credentials(self, email: str) -> dict[str, str]:
        return {"email": email, "password": self.password}

    def call(self, method: str, path: str, expected: set[int], body: Any = None, /, **fields: Any) -> requests.Response:
        """Send a request; raise StackError for an answer that is not expected."""
        response = self.client.request(method, self.config.base_url + path, json=body or fields or None, timeout=20)
        if response.status_code not in expected:
            raise StackError(f"{method} {path} answered {response.status_code}: {response.text[:200]}")
        return response


def tasks_of(email: str) -> list[dict[str, Any]]:
    """Return an account's tasks as the API takes them, due so many days from now."""
    with FILE.open(newline="") as file:
        return [as_json(**row) for row in csv.DictReader(file) if row.pop("email") == email]


def as_json(due_in_days: str, labels: str, **fields: str) -> dict[str, Any]:
    due = datetime.now(UTC) + timedelta(days=int(due_in_days)) if due_in_days else None
    return {**fields, "due_at": due and due.isoformat(timespec="seconds"), "labels": labels.split()}


def run(stack: Stack) -> None:
    """Fill the stack that runs, or start it first; say what was added, and how to sign in."""
    if not stack.supervisor.runs():
        stack.up()
    demo = Demo(stack.config)
    made = demo.fill()
    print("Added " + ", ".join(made) + "." if made else "All of the demo is here already; nothing was added.")
    print(f"\nSign in with the password {demo.password} as\n")
    for email, name in NAMES.items():
        rights = f", staff: {stack.config.base_url}/tasks/admin/ and the other admins" if email == STAFF else ""
        print(f"  {email:18} {name}{rights}")
    print(f"""
or for a token, which {stack.config.base_url}/docs takes under "Authorize":

  curl -s {stack.config.base_url}/auth/login -H "Content-Type: application/json" \\
    -d '{{"email": "alice@example.com", "password": "{demo.password}"}}'
""")
