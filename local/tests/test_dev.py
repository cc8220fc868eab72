"""A service under edit: what `./manage_all.sh dev` serves, shows, and puts back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from local.services import ROOT
from local.tests.installation import NOT_IN_A_CLONE, Installation
from tests.waiting import eventually

BROWSER = {"Accept": "text/html,*/*;q=0.8"}
# A second or two, but on a machine that does much else.
PATIENCE = 30.0
# In the admin of tasks, and in their API.
BROKEN = """
urlpatterns.insert(0, path("tasks/admin/broken", lambda request: 1 / 0))
urlpatterns.insert(0, path("tasks/broken", lambda request: 1 / 0))
"""


class Dev:
    """`dev` in a terminal of its own, from a clone that is there to be edited."""

    def __init__(self, installation: Installation, clone: Path, service: str) -> None:
        self.gateway = f"http://127.0.0.1:{installation.environment['GATEWAY_PORT']}"
        self.clone = clone
        self.terminal = installation.folder / "terminal"
        path = f"{clone}{os.pathsep}{clone / 'chassis' / 'src'}"
        with self.terminal.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local", "dev", service],
                cwd=clone,
                env=installation.environment | {"PYTHONPATH": path},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(self.gateway + path, headers=headers, timeout=20)

    def is_live(self) -> bool:
        return "Ctrl-C ends it." in self.output() and self.get("/tasks/health").status_code == 200

    def output(self) -> str:
        return self.terminal.read_text(errors="replace")

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.clone / path).read_text()
        assert old in text
        (self.clone / path).write_text(text.replace(old, new))

    def press_control_c(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(60)


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    made = Installation()
    made.configure(WEB_CONCURRENCY="3", LOG_FORMAT="json")
    try:
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def clone(installation: Installation) -> Path:
    """The clone that the whole stack runs from."""
    clone = installation.folder / "clone"
    shutil.copytree(ROOT, clone, ignore=NOT_IN_A_CLONE)
    return clone


@pytest.fixture
def dev(installation: Installation, clone: Path) -> Iterator[Dev]:
    """The tasks' service under `dev`, ready, from files that nobody has edited."""
    shutil.copytree(ROOT, clone, ignore=NOT_IN_A_CLONE, dirs_exist_ok=True)
    started = Dev(installation, clone, "task-svc")
    try:
        eventually(started.is_live, within=120)
        yield started
    finally:
        if started.process.poll() is None:
            started.press_control_c()


def test_an_edit_of_the_service_or_the_chassis_is_live_by_itself(dev: Dev) -> None:
    dev.edit("chassis/src/chassis/failures.py", "There is nothing at", "Nothing lies at")
    eventually(lambda: "Nothing lies at" in dev.get("/tasks/nowhere").text, within=PATIENCE)

    dev.edit("task_svc/config/urls.py", '"tasks/health/live"', '"tasks/alive"')
    eventually(lambda: dev.get("/tasks/alive").status_code == 200, within=PATIENCE)


def test_an_error_has_a_page_in_the_admin_and_its_traceback_in_the_terminal_but_not_in_the_api(dev: Dev) -> None:
    dev.edit("task_svc/config/urls.py", '\nhandler400 = "', f'{BROKEN}\nhandler400 = "')
    eventually(lambda: dev.get("/tasks/broken").status_code == 500, within=PATIENCE)

    page = dev.get("/tasks/admin/broken", **BROWSER)
    answer = dev.get("/tasks/broken", **BROWSER)

    assert page.headers["Content-Type"].startswith("text/html")
    assert "ZeroDivisionError" in page.text
    assert answer.json()["error"] == {"code": "server_error", "details": None}
    assert "\nZeroDivisionError: division by zero\n" in dev.output()


def test_it_has_one_worker_and_logs_for_readers_whatever_the_stack_was_given(dev: Dev) -> None:
    commands = [each.cmdline() for each in psutil.Process(dev.process.pid).children(recursive=True)]

    # The process that starts the worker, and the worker.
    assert len([command for command in commands if "config.wsgi" in command]) == 2
    assert '{"' not in dev.output()


def test_a_file_that_cannot_be_read_says_so_and_heals(dev: Dev) -> None:
    dev.edit("task_svc/config/settings.py", "MIDDLEWARE = [", "MIDDLEWARE = [[")
    eventually(lambda: "was never closed (settings.py" in dev.output(), within=PATIENCE)

    dev.edit("task_svc/config/settings.py", "MIDDLEWARE = [[", "MIDDLEWARE = [")

    eventually(lambda: dev.get("/tasks/health").status_code == 200, within=PATIENCE)


def test_the_other_commands_leave_the_service_in_its_terminal(dev: Dev, installation: Installation) -> None:
    restart = installation.run("restart")
    again = Dev(installation, dev.clone, "task-svc")

    assert restart.returncode == 0, restart.stdout
    assert "task-svc     RUNNING   in a terminal, by `dev`" in installation.run("status").stdout
    dev.edit("chassis/src/chassis/failures.py", "There is nothing at", "Still nothing at")
    eventually(lambda: "Still nothing" in dev.get("/tasks/nowhere").text, within=PATIENCE)
    assert again.process.wait(60) == 1
    assert "task-svc runs in another terminal already." in again.output()


def test_control_c_puts_the_ordinary_process_back(dev: Dev, installation: Installation) -> None:
    dev.edit("task_svc/config/urls.py", '\nhandler400 = "', f'{BROKEN}\nhandler400 = "')

    assert dev.press_control_c() == 0

    assert "Traceback" not in dev.output()
    eventually(lambda: installation.run("status").returncode == 0, within=PATIENCE)
    assert "by `dev`" not in installation.run("status").stdout
    page = dev.get("/tasks/admin/broken", **BROWSER)
    assert page.status_code == 500
    assert "ZeroDivisionError" not in page.text


def test_down_ends_it(dev: Dev, installation: Installation) -> None:
    assert installation.run("down").returncode == 0

    assert dev.process.wait(30) == 0
    assert dev.output().endswith("The stack was stopped.\n")


def test_there_is_no_other_service(installation: Installation) -> None:
    refused = installation.run("dev", "mail-svc")

    assert refused.returncode == 1
    assert "there is no service 'mail-svc'; there are auth-svc, task-svc, user-svc." in refused.stdout
