"""A person's own data, taken away through the gateway and put back: in flat memory, one export at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from local import clients
from local.config import Config
from local.databases import databases
from tests.conftest import GATEWAY_URL, Persona, failure_of, join, new_client
from tests.local_stack import LocalStack
from tests.waiting import eventually

FEW, MANY = 1_000, 100_000
FILL = """
INSERT INTO tasks_task
    (id, user_id, title, description, status, priority, labels, version, created_at, updated_at)
SELECT gen_random_uuid(), %s, 'Task ' || n, repeat('Buy milk. ', n %% 20), 'pending', 2, '{home}', 1,
    now() - n * interval '1 second', now()
FROM generate_series(1, %s) AS n
"""
# Of a worker, beyond its peak for few tasks; all of the many as rows take 226.
MEBIBYTES = 12


@pytest.fixture(scope="module")
def many(stack: LocalStack) -> Iterator[Persona]:
    """Somebody with a hundred thousand tasks."""
    persona = join("many")
    change_tasks(FILL, persona.id, MANY)
    yield persona
    change_tasks("DELETE FROM tasks_task WHERE user_id = %s", persona.id)


def change_tasks(statement: str, *parameters: Any) -> None:
    (database,) = (each for each in databases(Config()) if each.service.short == "task")
    with database.connect() as connection:
        connection.execute(statement, parameters)


def exported(persona: Persona, service: str = "tasks") -> list[dict[str, Any]]:
    """Return the lines of an export, which are read one by one."""
    with persona.client.get(f"/{service}/export", stream=True) as response:
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"] == "application/x-ndjson"
        return [json.loads(line) for line in response.iter_lines()]


def peak_of(worker: psutil.Process) -> float:
    """Return the most memory that a process has had, in MiB."""
    status = Path(f"/proc/{worker.pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def test_a_hundred_thousand_tasks_take_no_more_memory_than_a_thousand(stack: LocalStack, many: Persona) -> None:
    few = join("few")
    change_tasks(FILL, few.id, FEW)
    workers = stack.main_process("task-svc").children()
    # Whichever worker answers, all have made an export before.
    for _ in range(10):
        assert len(exported(few)) == FEW
    before = {worker: peak_of(worker) for worker in workers}

    lines = exported(many)

    grown = {worker.pid: peak_of(worker) - before[worker] for worker in workers}
    assert len({line["id"] for line in lines}) == MANY
    assert {line["user_id"] for line in lines} == {many.id}
    assert max(grown.values()) < MEBIBYTES, grown


def leave(stack: LocalStack, reading: requests.Response) -> None:
    reading.close()


def kill_the_workers(stack: LocalStack, reading: requests.Response) -> None:
    for worker in stack.main_process("task-svc").children():
        worker.kill()
    with pytest.raises(requests.RequestException):
        _ = reading.content


@pytest.mark.parametrize("end", [leave, kill_the_workers])
def test_a_second_export_waits_until_the_first_has_ended_in_whatever_way(
    whole: LocalStack, many: Persona, end: Callable[[LocalStack, requests.Response], None]
) -> None:
    # Uncompressed it does not fit what lies between the service and a client that does not read.
    with many.client.get("/tasks/export", stream=True, headers={"Accept-Encoding": "identity"}) as first:
        second = many.client.get("/tasks/export")

        assert failure_of(second) == (429, "throttled")
        assert second.headers["Retry-After"] == "5"
        end(whole, first)

    def is_answered() -> bool:
        with new_client(many.token).get("/tasks/export", stream=True) as response:
            return response.status_code == 200

    eventually(is_answered, within=20)


def test_exports_are_compressed_for_clients_that_take_it(alice: Persona) -> None:
    alice.client.post("/users/createprofile", json={"full_name": "Alice"})
    alice.client.post("/tasks", json={"title": "Buy milk", "description": "milk " * 100})

    for service, types in (("auth", {"account", "session"}), ("tasks", {"task"}), ("users", {"profile"})):
        assert {line["type"] for line in exported(alice, service)} == types
    encodings = [
        alice.client.get("/tasks/export", headers={"Accept-Encoding": each}).headers.get("Content-Encoding")
        for each in ("gzip", "identity")
    ]
    assert encodings == ["gzip", None]


OF_THE_SERVER = ("id", "user_id", "version", "created_at", "updated_at", "completed_at")


def given(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what a person has said themselves."""
    return [{name: value for name, value in line.items() if name not in OF_THE_SERVER} for line in lines]


def run_import(persona: Persona, path: Path) -> str:
    program = clients.PYTHON / "examples" / "import_export.py"
    settings = {"GATEWAY_URL": GATEWAY_URL, "TOKEN": persona.token}
    return subprocess.check_output([sys.executable, program, path], env=os.environ | settings, text=True)


def test_an_export_is_imported_by_another_account_once_however_often(
    alice: Persona, bob: Persona, tmp_path: Path
) -> None:
    profile = {"full_name": "Ålice", "bio": "Zeile\nfür Zeile", "timezone": "Europe/Paris", "email": "a@example.org"}
    assert alice.client.post("/users/createprofile", json=profile).status_code == 201
    whole: dict[str, Any] = {"title": "whole", "description": "\u2028 x", "status": "completed", "priority": "urgent"}
    whole |= {"due_at": "2030-01-01T12:00:00+02:00", "labels": ["home", "a b"]}
    long = {"title": "long", "description": "\u0001" * 10_000}
    # More than one body takes, by number and by length, and two portions that are equal.
    for tasks in ([{"title": "same"}] * 100, [{"title": "same"}] * 100, [whole, *[long] * 16], [long] * 16):
        assert alice.client.post("/tasks/bulk", json=tasks).status_code == 201
    path = tmp_path / "export.jsonl"
    path.write_bytes(b"".join(alice.client.get(f"/{part}/export").content for part in ("auth", "tasks", "users")))

    assert run_import(bob, path) == f"The profile is made.\n233 tasks of {path} are made.\n"
    once = exported(bob)
    run_import(bob, path)

    assert exported(bob) == once
    for service in ("tasks", "users"):
        assert given(exported(bob, service)) == given(exported(alice, service))
    assert run_import(alice, path).startswith("The profile is made.")
