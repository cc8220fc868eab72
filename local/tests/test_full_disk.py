"""A disk that fills up under a running stack, and has room again."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.tests.installation import Installation
from tests.waiting import eventually

ACCOUNT = {"email": "alice@example.com", "password": "correct horse battery"}
DESCRIPTION = "word " * 1_900


@pytest.fixture
def installation() -> Iterator[Installation]:
    """A stack whose DATA_DIR is a file system of its own, large enough to start."""
    made = Installation()
    made.data_dir.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=400m", "tmpfs", str(made.data_dir)]
    if subprocess.run(command, capture_output=True).returncode:
        made.remove()
        pytest.skip("Only root may mount a file system.")
    try:
        yield made
    finally:
        made.run("down")
        subprocess.run(["umount", "--lazy", made.data_dir], check=True)
        made.remove()


class Writer:
    """A client that knows which tasks it was told were made."""

    def __init__(self, installation: Installation) -> None:
        self.url = f"http://127.0.0.1:{installation.environment['GATEWAY_PORT']}/tasks"
        installation.ask("/auth/register", ACCOUNT)
        self.token = installation.ask("/auth/login", ACCOUNT)["data"]["access_token"]
        self.acknowledged: dict[str, str] = {}

    def send(self, method: str = "GET", path: str = "", body: Any = None) -> tuple[int, dict[str, Any]]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def write(self) -> int:
        """Make some large tasks; return the status."""
        title = f"after {len(self.acknowledged)}"
        status, answer = self.send("POST", "/bulk", [{"title": title, "description": DESCRIPTION}] * 50)
        if status == 201:
            self.acknowledged |= {task["id"]: task["title"] for task in answer["data"]}
        else:
            assert (status, answer["error"]["code"]) == (503, "service_unavailable"), answer
        return status

    def stored(self) -> dict[str, str]:
        found: dict[str, str] = {}
        query = "?page_size=100"
        while query:
            status, answer = self.send(path=query)
            assert status == 200, answer
            found |= {task["id"]: task["title"] for task in answer["data"]}
            cursor = answer["meta"]["next_cursor"]
            query = f"?page_size=100&cursor={cursor}" if cursor else ""
        return found


def health(installation: Installation) -> int:
    """Return the status of task-svc's health."""
    try:
        installation.ask("/tasks/health")
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return 200


def fill(path: Path) -> None:
    """Leave some megabytes, which the next writes take."""
    free = shutil.disk_usage(path.parent).free
    subprocess.run(["fallocate", "-l", str(free - 6_000_000), str(path)], check=True)


def test_a_full_disk_is_a_503_and_ends_by_itself_when_there_is_room(installation: Installation) -> None:
    installation.up()
    writer = Writer(installation)
    assert writer.write() == 201
    filler = installation.data_dir / "filler"

    fill(filler)
    eventually(lambda: writer.write() == 503, within=60)
    eventually(lambda: health(installation) == 503, within=20)
    filler.unlink()

    eventually(lambda: health(installation) == 200, within=60)
    eventually(lambda: writer.write() == 201, within=60)
    stored = writer.stored()
    assert writer.acknowledged.items() <= stored.items()
    eventually(lambda: installation.run("status").returncode == 0, within=60)
