"""Erased means erased: nothing of a person is left in any database or log, staff included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
from psycopg import sql

from local.config import Config
from local.services import SERVICES
from tests.conftest import PASSWORD, Client, Persona, join, login, new_client
from tests.local_stack import LocalStack
from tests.waiting import eventually

ADMINS = ("auth", "tasks", "users")
TABLES = """
    SELECT table_schema, table_name FROM information_schema.tables
    WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
"""
# An erasure has to name what it erases; what is done is deleted from there a day later.
JOBS = "procrastinate_jobs"


@dataclass
class Browser:
    """Staff, signed in to the three admins."""

    email: str
    client: Client = field(default_factory=new_client)

    def __post_init__(self) -> None:
        for admin in ADMINS:
            path = f"/{admin}/admin/login/"
            self.client.get(path)
            answer = self.post(path, username=self.email, password=PASSWORD)
            assert (answer, self.client.get(f"/{admin}/admin/").status_code) == (302, 200)

    def post(self, path: str, **form: str) -> int:
        admin = path.split("/")[1]
        token = self.client.cookies.get(f"{admin}_csrf") or ""
        return self.client.post(path, data={**form, "csrfmiddlewaretoken": token}).status_code

    def change(self, path: str, **form: str) -> int:
        """Open the page of a row and send its form."""
        seen = re.search(r'name="seen" value="(\w+)"', self.client.get(path).text)
        assert seen, path
        return self.post(path, **form, seen=seen[1])

    def session_keys(self) -> list[str]:
        return [str(self.client.cookies.get(f"{admin}_session")) for admin in ADMINS]


def rows() -> Iterator[tuple[str, str]]:
    """Return every row of the three databases as text, with the name of its table."""
    config = Config()
    password = config.secret("postgres_password").read_text()
    for service in SERVICES:
        with psycopg.connect(
            host=str(config.run_dir), user="postgres", password=password, dbname=service.database
        ) as connection:
            for schema, table in connection.execute(TABLES).fetchall():
                name = sql.Identifier(schema, table)
                for (row,) in connection.execute(sql.SQL("SELECT each::text FROM {} AS each").format(name)):
                    yield table, row


def found_in_databases(texts: list[str], ids: list[str]) -> set[tuple[str, str]]:
    """Return which texts, in whatever case, and which ids are in a row, each with the table."""
    found = set()
    for table, row in rows():
        known = row.lower()
        found |= {(table, text) for text in texts if text.lower() in known}
        found |= {(table, known_id) for known_id in ids if table != JOBS and known_id in known}
    return found


def found_in_logs(texts: list[str]) -> set[tuple[str, str]]:
    logs = {path.name: path.read_text(errors="replace").lower() for path in Config().logs.iterdir()}
    return {(name, text) for name, log in logs.items() for text in texts if text.lower() in log}


def use_everything(person: Persona, word: str) -> str:
    """Write a profile and tasks, search, and ask for a reset; return the id of a task."""
    client = person.client
    profile = {"full_name": f"{word} Name", "bio": f"{word} bio", "email": person.email}
    assert client.post("/users/createprofile", json=profile).status_code == 201
    task = {"title": f"{word} title", "description": f"{word} text", "labels": [word]}
    made = client.post("/tasks", json=task, headers={"Idempotency-Key": f"{word}-key"})
    assert made.status_code == 201
    assert client.post("/tasks/bulk", json=[task, task]).status_code == 201
    gone = client.post("/tasks/tasks", json={"userId": person.id, "title": f"{word} gone"}).json()["id"]
    assert client.delete(f"/tasks/tasks/{gone}").status_code == 204
    assert client.get(f"/tasks?search={word}").json()["data"]
    assert client.get("/users/me/tasks").status_code == 200
    assert client.post("/auth/register", json={"email": person.email, "password": PASSWORD}).status_code == 409
    wrong = client.post("/auth/login", json={"email": person.email, "password": "a wrong one"})
    assert wrong.status_code == 401
    assert client.post("/auth/password/reset", json={"email": person.email}).status_code == 200
    task_id: str = made.json()["data"]["id"]
    return task_id


def change_in_the_admins(browser: Browser, person: Persona, word: str, task_id: str) -> None:
    """Search for the person, and change what is theirs in each admin."""
    for path in ("auth/admin/accounts/user/", "users/admin/profiles/profile/"):
        assert browser.client.get(f"/{path}?q={person.email}").status_code == 200
    task = {"title": f"{word} new", "description": "", "status": "pending", "priority": "2", "labels": word}
    task |= {"due_at_0": "", "due_at_1": ""}
    assert browser.change(f"/tasks/admin/tasks/task/{task_id}/change/", **task) == 302
    profile = {"full_name": f"{word} changed", "email": person.email, "bio": "", "timezone": "UTC"}
    assert browser.change(f"/users/admin/profiles/profile/{person.id}/change/", **profile) == 302


def delete_account(person: Persona) -> None:
    assert person.client.delete("/auth/me", json={"password": PASSWORD}).status_code == 202


def test_nothing_of_a_person_is_left(staff: Persona, stack: LocalStack) -> None:
    word = f"w{uuid4().hex[:16]}"
    person = join(word)
    task_id = use_everything(person, word)
    eventually(lambda: stack.reset_tokens(person.email), within=30)
    browser = Browser(staff.email)
    change_in_the_admins(browser, person, word, task_id)
    account = {"email": person.email, "is_active": "on"}
    assert browser.change(f"/auth/admin/accounts/user/{person.id}/change/", **account) == 302
    assert found_in_databases([word], [person.id])

    delete_account(person)

    eventually(lambda: not found_in_databases([word], [person.id]), within=30)
    assert found_in_logs([word, person.email]) == set()


def test_nothing_of_staff_is_left_but_what_they_did(staff: Persona, stack: LocalStack) -> None:
    word = f"w{uuid4().hex[:16]}"
    email = f"{word}@example.com"
    stack.create_superuser(email, PASSWORD)
    tokens = login(email)
    client = new_client(tokens["access_token"])
    person = Persona(client.get("/auth/me").json()["data"]["id"], email, tokens, client)
    task_id = use_everything(person, word)
    eventually(lambda: stack.reset_tokens(person.email), within=30)
    browser = Browser(person.email)
    change_in_the_admins(browser, person, word, task_id)
    account = {"email": person.email, "is_active": "on", "is_staff": "on", "is_superuser": "on"}
    assert Browser(staff.email).change(f"/auth/admin/accounts/user/{person.id}/change/", **account) == 302
    traces = [person.id, *browser.session_keys()]
    assert {table for table, _ in found_in_databases([word], traces)} >= {"auth_user", "django_session"}
    logged = sum(table == "django_admin_log" for table, _ in rows())

    delete_account(person)

    eventually(lambda: not found_in_databases([word], traces), within=30)
    assert sum(table == "django_admin_log" for table, _ in rows()) >= logged
    assert found_in_logs([word, person.email]) == set()
    assert browser.client.get("/tasks/admin/").status_code == 302
