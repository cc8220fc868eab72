"""A backup under writes, restored in a drill and compared row by row; then restored over a running system."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from local.config import Config
from local.databases import databases
from local.services import ROOT
from local.stack import Stack
from tests.conftest import PASSWORD, Persona, failure_of, join, new_client
from tests.local_stack import LocalStack
from tests.waiting import eventually
from tests.writers import writing

ROWS = {
    "task": "SELECT id, t::text FROM tasks_task t",
    "user": "SELECT user_id, p::text FROM profiles_profile p",
    # Without the password, which the drill changes in its copy.
    "auth": "SELECT id, concat_ws(' ', email, is_active, is_staff, created_at, email_verified_at) FROM accounts_user",
}


@dataclass
class Drilled:
    """The system that `drill --keep` has left."""

    data_dir: str
    url: str

    def run(self, *command: str) -> str:
        return manage_all(*command, environment=self.environment()).stdout

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**kept, "DATA_DIR": self.data_dir, "ENV_FILE": os.devnull}

    def kill_once_renamed(self, *command: str) -> None:
        """Kill a command while it starts the services on databases that have just got their names."""
        with patch.dict(os.environ, {"DATA_DIR": self.data_dir}):
            superuser = Stack(Config()).postgres.connect()
        with superuser:

            def which() -> Any:
                return superuser.execute("SELECT oid FROM pg_database WHERE datname = 'task_db'").fetchall()

            before = which()
            with subprocess.Popen([sys.executable, "-m", "local", *command], env=self.environment()) as running:
                eventually(lambda: which() != before, within=60)
                running.kill()

    def sign_in(self, persona: Persona) -> str:
        """Return an access token of this system."""
        login = new_client().post(f"{self.url}/auth/login", json={"email": persona.email, "password": PASSWORD})
        return str(login.json()["data"]["access_token"])

    def delete(self, persona: Persona) -> None:
        client = new_client(self.sign_in(persona))
        answer = client.delete(f"{self.url}/auth/me", json={"password": PASSWORD})
        assert answer.status_code == 202, answer.text

    def rows(self) -> dict[str, dict[Any, str]]:
        with patch.dict(os.environ, {"DATA_DIR": self.data_dir}):
            return rows(Config())


def manage_all(*command: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "manage_all.sh"), *command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )


def rows(config: Config) -> dict[str, dict[Any, str]]:
    """Return every row of the three services by its id, as text."""
    found: dict[str, dict[Any, str]] = {}
    for database in databases(config):
        with database.connect() as connection:
            found[database.service.short] = dict(connection.execute(ROWS[database.service.short]).fetchall())
    return found


def make_account(name: str) -> Persona:
    """Join with a profile and a task."""
    persona = join(name)
    assert persona.client.post("/users/createprofile", json={"full_name": name}).status_code == 201
    assert persona.client.post("/tasks", json={"title": name}).status_code == 201
    return persona


def delete(persona: Persona) -> None:
    assert persona.client.delete("/auth/me", json={"password": PASSWORD}).status_code == 202


@pytest.fixture
def drills() -> Iterator[list[Drilled]]:
    """The systems that drills have left, which end with the test."""
    left: list[Drilled] = []
    yield left
    for each in left:
        each.run("down")
        shutil.rmtree(each.data_dir, ignore_errors=True)


def drill(path: Path, drills: list[Drilled]) -> tuple[str, Drilled]:
    """Drill a backup; return what it says, and the system that it leaves."""
    done = manage_all("drill", str(path), "--keep")
    match = re.search(r"runs on at (\S+); DATA_DIR=(\S+) ", done.stdout)
    assert done.returncode == 0, done.stdout
    assert match, done.stdout
    drills.append(Drilled(match[2], match[1]))
    return done.stdout, drills[0]


def test_a_backup_under_writes_and_deletions_is_restored_row_by_row(
    whole: LocalStack, tmp_path: Path, drills: list[Drilled]
) -> None:
    path = tmp_path / "x.backup"
    writers = [make_account(f"writer{number}") for number in range(4)]
    doomed = [make_account("doomed") for _ in range(5)]
    with ExitStack() as open_, ThreadPoolExecutor(1) as threads:
        busy = [open_.enter_context(writing(writers[number % 4])) for number in range(16)]
        before = {task for writer in busy for task in list(writer.acknowledged)}
        Config().backup_stamp.unlink(missing_ok=True)
        backing_up = threads.submit(manage_all, "backup", str(path))
        for persona in doomed:
            delete(persona)
        assert backing_up.result().returncode == 0, backing_up.result().stdout
        assert Config().backup_stamp.exists()
        written = sum(len(writer.acknowledged) for writer in busy)
        # So that there is something that the backup cannot have.
        eventually(lambda: sum(len(writer.acknowledged) for writer in busy) > written, within=20)
    gone = {persona.id for persona in doomed}
    eventually(lambda: not any(owner in str(rows(Config())) for owner in gone), within=30)
    source = rows(Config())
    started = time.monotonic()

    output, drilled = drill(path, drills)

    restored = drilled.rows()
    for service in ROWS:
        assert restored[service].items() <= source[service].items()
    assert {str(key) for key in restored["task"]} >= before
    assert len(restored["task"]) < len(source["task"])
    assert (restored["user"], restored["auth"]) == (source["user"], source["auth"])
    recovery = re.search(r"RTO: ([\d.]+) s.*\nRPO: ", output)
    assert recovery, output
    assert 0 < float(recovery[1]) < time.monotonic() - started
    old = new_client(writers[1].token)
    assert failure_of(old.get(f"{drilled.url}/tasks")) == (401, "token_invalid")

    # In the place of a system that has gone on, which an account has left meanwhile.
    token = drilled.sign_in(writers[1])
    task = new_client(token).post(f"{drilled.url}/tasks", json={"title": "after the backup"}).json()["data"]["id"]
    drilled.delete(writers[0])
    assert "restore --forget" in drilled.run("restore", str(path))
    drilled.run("restore", "--forget")

    output = drilled.run("restore", str(path))

    assert re.search(r"deleted accounts that are back: [1-6], erased", output), output
    again = drilled.rows()
    assert task not in str(again)
    assert writers[0].id not in str(again)
    others = {key: row for key, row in restored["auth"].items() if str(key) != writers[0].id}
    assert again["auth"] == others
    assert failure_of(new_client(token).get(f"{drilled.url}/tasks")) == (401, "token_invalid")

    # And back, where another account has left since; killed as soon as the names have changed.
    drilled.delete(writers[2])
    drilled.kill_once_renamed("restore", "--undo")
    assert "a restore was interrupted" in drilled.run("restart")
    output = drilled.run("up")

    assert "deleted accounts that are back: 1, erased" in output, output
    undone = drilled.rows()
    assert task in str(undone["task"])
    assert writers[2].id not in str(undone)
    assert undone["auth"] == {key: row for key, row in others.items() if str(key) != writers[2].id}
    assert failure_of(new_client(token).get(f"{drilled.url}/tasks")) == (401, "token_invalid")
    drilled.run("restore", "--forget")
    assert "nothing has been restored" in drilled.run("restore", "--undo")
    assert whole.all_run()
