"""The systems that are measured: the stack, on ports and data of its own, and its floor."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from bench.load import Request
from local import ports
from local.config import BIN, Config
from local.services import ROOT, SERVICES
from local.stack import Stack
from local.suites import settle
from tests.waiting import eventually

PASSWORD = "correct horse battery"  # Of an account that lives as long as the measurement.
TASK = {"title": "Task number 1", "description": "Buy milk, bread and a light bulb on the way home."}


class Target:
    """A running system, with a reader of 20 tasks and a writer."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.reader = self._join()
        self.writer = self._join()
        for number in range(20):
            self._post("/tasks", TASK | {"title": f"Task number {number}"}, self.reader["token"])
        self._post("/users/createprofile", {"full_name": "Bench"}, self.reader["token"])

    @classmethod
    def of(cls, stack: Stack) -> Target:
        return cls(f"http://127.0.0.1:{stack.config.gateway_port}")

    def request(self, kind: str) -> Request:
        credentials = {"email": self.reader["email"], "password": PASSWORD}
        return {
            "list": Request("/tasks", self.reader["token"]),
            "me": Request("/users/me", self.reader["token"]),
            "create": Request("/tasks", self.writer["token"], TASK),
            "login": Request("/auth/login", body=credentials),
            "combined": Request(f"/users/users/{self.reader['id']}/tasks", self.reader["token"]),
        }[kind]

    def create_for_reader(self, email: str) -> Request:
        """Return the request of a staff account that makes a task for the reader, for whom task_svc asks user_svc."""
        return Request("/tasks/tasks", self._log_in(email), TASK | {"userId": self.reader["id"]})

    def _join(self) -> dict[str, str]:
        email = f"bench-{uuid4().hex}@example.com"
        account = self._post("/auth/register", {"email": email, "password": PASSWORD})
        return {"id": account["id"], "email": email, "token": self._log_in(email)}

    def _log_in(self, email: str) -> str:
        return str(self._post("/auth/login", {"email": email, "password": PASSWORD})["access_token"])

    def _post(self, path: str, body: Any, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = requests.post(self.base + path, json=body, headers=headers, timeout=30)
        response.raise_for_status()
        return response.json()["data"]


@contextmanager
def running_stack(**settings: str) -> Iterator[Stack]:
    """Run a stack on ports and data of its own."""
    data_dir = tempfile.mkdtemp(prefix="task-manager-bench-")
    settle(Path(data_dir))
    os.environ |= {"LOGIN_RATE": "10000/minute", "TOKEN_CACHE_SECONDS": "5", **settings}
    stack = Stack(Config())
    try:
        stack.up()
        yield stack
    finally:
        stack.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


@contextmanager
def running_floor(stack: Stack, target: Target) -> Iterator[str]:
    """Run the floor on the stack's own databases, behind a gateway of its own; give its address."""
    gateway, service = ports.free(2)
    config = stack.config
    databases = {s.short: config.database_url(s) for s in SERVICES}
    environment = config.base_environment() | {
        "FLOOR_USER": target.reader["id"],
        "FLOOR_WRITER": target.writer["id"],
        "FLOOR_TASK_DATABASE": databases["task"],
        "FLOOR_USER_DATABASE": databases["user"],
        "BIND": f"127.0.0.1:{service}",
        "PYTHONPATH": str(ROOT),
        # Gunicorn's settings close Django's connections after the fork; there are none here.
        "DJANGO_SETTINGS_MODULE": "django.conf.global_settings",
    }
    upstreams = {f"{name}_UPSTREAM": f"127.0.0.1:{service}" for name in ("AUTH", "TASK", "USER")}
    caddy_environment = config.gateway_environment() | upstreams | {"SITE_ADDRESS": f":{gateway}"}
    commands = [
        ([str(BIN / "gunicorn"), "-c", "python:chassis.gunicorn", "bench.floor:application"], environment),
        ([str(BIN / "caddy"), "run", "--config", str(ROOT / "gateway" / "Caddyfile")], caddy_environment),
    ]
    quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    processes = [subprocess.Popen(command, env=env, cwd=ROOT, **quiet) for command, env in commands]
    base = f"http://127.0.0.1:{gateway}"
    try:
        eventually(lambda: answers(f"{base}/tasks"), within=20)
        yield base
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False
