"""Make the tasks and the profile of exports anew: `GATEWAY_URL=... TOKEN=... python import_export.py FILE...`.

An import that was interrupted is repeated as a whole, within a day: no task is made twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx

# What a client may set; ids, owners and timestamps are the new system's.
FIELDS = {
    "task": ("title", "description", "status", "priority", "due_at", "labels"),
    "profile": ("full_name", "email", "bio", "timezone"),
}
# A body of POST /tasks/bulk holds 100 tasks, and any body a mebibyte.
TASKS, BYTES = 100, 1_000_000


def rows(path: Path, type_: str) -> Iterator[bytes]:
    """Yield the bodies of a file's objects of one type."""
    with path.open() as file:
        for row in map(json.loads, file):
            if row["type"] == type_:
                yield json.dumps({name: row[name] for name in FIELDS[type_]}).encode()


def portions(tasks: Iterable[bytes]) -> Iterator[list[bytes]]:
    portion: list[bytes] = []
    for task in tasks:
        if len(portion) == TASKS or sum(map(len, portion)) + len(task) > BYTES:
            yield portion
            portion = []
        portion.append(task)
    if portion:
        yield portion


def send(client: httpx.Client, path: str, body: bytes, key: str) -> dict[str, Any] | None:
    """Send a body, again while the system is busy or away; return None if there is a profile already."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    while (answer := client.post(path, content=body, headers=headers)).status_code in (429, 502, 503, 504):
        time.sleep(int(answer.headers.get("Retry-After", "1")))
    made: dict[str, Any] = answer.json()
    if answer.status_code == httpx.codes.CREATED:
        return made
    if made["error"]["code"] == "profile_exists":
        return None
    sys.exit(f"{path} answered {answer.status_code}: {answer.text}")


def import_tasks(client: httpx.Client, path: Path) -> int:
    """Make the tasks of a file, some at a time; return how many."""
    # The key of a portion tells it from an equal one before it, and is the same when the import is repeated.
    digest, count = hashlib.sha256(), 0
    for portion in portions(rows(path, "task")):
        body = b"[" + b",".join(portion) + b"]"
        digest.update(body)
        send(client, "/tasks/bulk", body, digest.hexdigest())
        count += len(portion)
    return count


def main(*paths: str) -> None:
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
    with httpx.Client(base_url=os.environ["GATEWAY_URL"], headers=headers, timeout=30) as client:
        for path in map(Path, paths):
            for profile in rows(path, "profile"):
                made = send(client, "/users/createprofile", profile, hashlib.sha256(profile).hexdigest())
                print("The profile is made." if made else "There is another profile already, which stays.")
            print(f"{import_tasks(client, path)} tasks of {path} are made.")


if __name__ == "__main__":
    main(*sys.argv[1:])
