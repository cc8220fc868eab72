"""The embedded PostgreSQL, and the script that makes compose's: what one role may take, and what the log may say."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from local.postgres import PRIVATE_LOG, PROGRAMS
from local.services import ROOT, SERVICES
from local.stack import Stack
from local.tests.installation import Installation
from tests.waiting import eventually

PRIVATE = "alice@example.com"
THREADS = 2 * 1 * 3
COMPOSE_ROLE = "compose_svc"
CONNECTED = "SELECT 1 FROM pg_stat_activity WHERE usename = %s LIMIT 1"
RUNNING = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active'"


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    made = Installation()
    try:
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="module")
def database(installation: Installation) -> Stack:
    """A cluster alone, with the role of compose's script beside those of the local stack."""
    installation.configure(WEB_CONCURRENCY="1", WEB_THREADS="3")
    stack = Stack(installation.config())
    stack.up_database()
    make_compose_role(stack)
    return stack


def make_compose_role(stack: Stack) -> None:
    password = stack.config.secret("postgres_password").read_text()
    environment = {
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "PGHOST": str(stack.config.run_dir),
        "PGPASSWORD": password,
        "SERVICE": "compose",
        "POSTGRES_PASSWORD": password,
    }
    with stack.postgres.connect() as superuser:
        subprocess.run(["sh", ROOT / "deploy" / "compose" / "database.sh"], env=environment, check=True)
        # The script takes it away.
        superuser.execute(sql.SQL("ALTER ROLE postgres PASSWORD {}").format(sql.Literal(password)))


def connect(stack: Stack, role: str) -> psycopg.Connection:
    if role == COMPOSE_ROLE:
        password = quote(stack.config.secret("postgres_password").read_text())
        url = f"postgres://{role}:{password}@/compose_db?host={quote(str(stack.config.run_dir))}"
    else:
        url = stack.config.database_url(next(service for service in SERVICES if service.role == role))
    return psycopg.connect(url, autocommit=True)


def connections_of(stack: Stack, role: str, opened: ExitStack) -> int:
    """Open as many connections as a role gets; return how many these are."""
    # A connection that was closed counts until its process on the server has ended: let the next test find none.
    opened.callback(eventually, lambda: not connected(stack, role), within=30)
    for count in range(1000):
        try:
            opened.enter_context(closing(connect(stack, role)))
        except psycopg.OperationalError as refusal:
            if "too many connections for role" in str(refusal):
                return count
            raise
    raise AssertionError("There is no limit.")


def connected(stack: Stack, role: str) -> bool:
    with stack.postgres.connect() as superuser:
        return superuser.execute(CONNECTED, [role]).fetchone() is not None


def test_no_role_can_take_the_connections_of_the_others(database: Stack) -> None:
    with ExitStack() as opened:
        counts = [connections_of(database, service.role, opened) for service in SERVICES]

        # Each has what it needs, and while all use all of theirs, the operator comes in.
        assert all(count > 2 * THREADS for count in counts)
        database.postgres.connect().close()


def test_a_service_with_more_threads_may_have_more_connections(installation: Installation, database: Stack) -> None:
    installation.configure(WEB_CONCURRENCY="1", WEB_THREADS="40")

    started = time.monotonic()
    Stack(installation.config()).up_database()

    # It waits for nothing that stays.
    assert time.monotonic() - started < 30
    with ExitStack() as opened:
        assert connections_of(database, "auth_svc", opened) >= 2 * 40


def test_the_role_of_compose_leaves_connections_for_the_operator(database: Stack) -> None:
    with ExitStack() as opened:
        connections_of(database, COMPOSE_ROLE, opened)

        for _ in range(5):
            opened.enter_context(closing(database.postgres.connect()))


@pytest.mark.parametrize("role", ["auth_svc", COMPOSE_ROLE])
def test_the_log_holds_no_value_and_no_statement(database: Stack, role: str) -> None:
    before = log(database)
    with connect(database, role) as connection:
        connection.execute("CREATE TABLE account (email text PRIMARY KEY, age int CHECK (age > 0))")
        connection.execute("INSERT INTO account VALUES (%s, 1)", [PRIVATE])
        connection.execute("SET statement_timeout = 100")
        for statement, parameters in (
            ("INSERT INTO account VALUES (%s, 1)", [PRIVATE]),
            ("INSERT INTO account VALUES (%s, -1)", [f"new-{PRIVATE}"]),
            (f'SELECT 1 / 0 AS "{PRIVATE}"', None),
            (f"SELECT '{PRIVATE}', pg_sleep(30)", None),
            ("SELECT %s::text, pg_sleep(30)", [PRIVATE]),
            (f"SELECT '{PRIVATE}'::uuid", None),
            ("SELECT %s::uuid", [PRIVATE]),
            (f'SELECT "{PRIVATE}"', None),
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement, parameters)

    assert PRIVATE not in log(database).removeprefix(before)


def test_the_log_holds_no_value_of_the_operators_statements(database: Stack) -> None:
    before = log(database)
    with database.postgres.connect() as superuser, pytest.raises(psycopg.Error):
        superuser.execute(f"DO $$ BEGIN RAISE EXCEPTION 'refused' USING DETAIL = '{PRIVATE}'; END $$")

    added = log(database).removeprefix(before)
    assert "ERROR:  refused" in added
    assert PRIVATE not in added


def test_the_log_holds_no_statement_of_a_process_that_was_killed(database: Stack) -> None:
    before = log(database)
    with connect(database, "task_svc") as connection, ThreadPoolExecutor() as others:
        query = others.submit(connection.execute, f"SELECT '{PRIVATE}', pg_sleep(30)".encode())
        with database.postgres.connect() as superuser:
            eventually(lambda: superuser.execute(RUNNING, [connection.info.backend_pid]).fetchone(), within=10)
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        assert isinstance(query.exception(), psycopg.OperationalError)
    database.postgres.wait()

    added = log(database).removeprefix(before)
    assert "was terminated by signal 9" in added
    assert PRIVATE not in added


def test_compose_has_the_same_settings_for_the_log() -> None:
    compose = (ROOT / "compose.yaml").read_text()

    assert all(f"-c, {name}={value}" in compose for name, value in PRIVATE_LOG.items())


def log(database: Stack) -> str:
    """Return the log, after a line by which all before it is there."""
    path = database.config.logs / "postgres.log"
    mark = f"mark {uuid4()}"
    with database.postgres.connect() as superuser:
        superuser.execute("SET log_min_messages = 'warning'")
        superuser.execute(f"DO $$ BEGIN RAISE WARNING '{mark}'; END $$")
    eventually(lambda: mark in path.read_text(), within=10)
    return path.read_text()
