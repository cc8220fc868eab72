"""The floor of the measured paths: the same one query and the same bytes, with nothing in between.

A bare WSGI callable under the same gunicorn settings and the same Caddyfile: no routing, no authentication, no
validation. It tells what the machine, the server, the database and the JSON cost by themselves.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

import orjson
import psycopg
from chassis.contracts import success
from psycopg.rows import dict_row
from uuid_utils.compat import uuid7

COLUMNS = (
    "id, user_id, title, description, status, priority, due_at, labels, completed_at, version, created_at, updated_at"
)
LIST = f"SELECT {COLUMNS} FROM tasks_task WHERE user_id = %s ORDER BY created_at DESC, id DESC LIMIT 51"  # noqa: S608  # All constants.
CREATE = f"""
    INSERT INTO tasks_task ({COLUMNS})
    VALUES (%s, %s, %s, %s, 'pending', 2, NULL, '{{}}', NULL, 1, now(), now()) RETURNING {COLUMNS}
"""  # noqa: S608  # All constants.
PROFILE = "SELECT * FROM profiles_profile WHERE user_id = %s"
PRIORITIES = {1: "low", 2: "normal", 3: "high", 4: "urgent"}

USER = UUID(os.environ["FLOOR_USER"])
WRITER = UUID(os.environ["FLOOR_WRITER"])


connections = threading.local()


def query(setting: str, statement: str, *arguments: Any) -> list[dict[str, Any]]:
    """Ask the database that a setting names, on a connection that the thread keeps, as those of the services do."""
    connection = getattr(connections, setting, None)
    if connection is None:
        connection = psycopg.connect(os.environ[setting], autocommit=True, row_factory=dict_row)
        setattr(connections, setting, connection)
    rows: list[dict[str, Any]] = connection.execute(statement, arguments).fetchall()
    return rows


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    meta = None
    status, message = "200 OK", "OK"
    data: Any
    if environ["PATH_INFO"] == "/users/me":
        data = {**query("FLOOR_USER_DATABASE", PROFILE, USER)[0], "profile_created": True}
    elif environ["REQUEST_METHOD"] == "POST":
        body = orjson.loads(environ["wsgi.input"].read())
        data = query("FLOOR_TASK_DATABASE", CREATE, uuid7(), WRITER, body["title"], body["description"])[0]
        data["priority"] = PRIORITIES[data["priority"]]
        status, message = "201 Created", "Task created."
    else:
        data = query("FLOOR_TASK_DATABASE", LIST, USER)
        for task in data:
            task["priority"] = PRIORITIES[task["priority"]]
        meta = {"next": None, "next_cursor": None, "page_size": 50}
    answer = orjson.dumps(success(data, message, meta), option=orjson.OPT_UTC_Z)
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    start_response(status, headers)
    return [answer]
