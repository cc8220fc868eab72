"""PgBouncer in transaction mode between the services and PostgreSQL: 4 connections for the 24 threads of a service."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import quote

import psycopg
import pytest
import requests

from local import ports
from local.config import BIN
from local.services import ROOT, SERVICES
from local.stack import Stack
from local.tests.installation import Installation
from tests.waiting import eventually

SERVER_CONNECTIONS = 4
# The first that keeps prepared statements, which a driver makes in one session and uses in the next.
LEAST = (1, 22)
PROGRAM = os.environ.get("PGBOUNCER") or shutil.which("pgbouncer") or ""
# What needs neither a stack of its own, nor one that breaks, nor a look into its PostgreSQL.
TESTS = ("workflow_accounts", "workflow_resources", "trust", "mails", "search_load", "load")
CONFIGURATION = """
[databases]
* = host={socket}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = {users}
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 500
max_prepared_statements = 200
"""


def version() -> tuple[int, ...]:
    """Return PgBouncer's version, or () where there is none."""
    if not PROGRAM:
        return ()
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.findall(r"\d+", said.splitlines()[0])))


pytestmark = pytest.mark.skipif(
    version() < LEAST,
    reason="There is no PgBouncer >= 1.22 on the PATH or in $PGBOUNCER; docs/operations.md says how to build one.",
)


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


@contextmanager
def pgbouncer(database: Stack) -> Iterator[int]:
    """Run PgBouncer before the databases of a stack; give its port."""
    port = ports.free(1)[0]
    users = database.config.data_dir / "users.txt"
    passwords = {each.role: database.config.secret(f"{each.role}_password").read_text() for each in SERVICES}
    users.write_text("".join(f'"{role}" "{password}"\n' for role, password in passwords.items()))
    file = database.config.data_dir / "pgbouncer.ini"
    values = {"socket": database.config.run_dir, "port": port, "users": users, "size": SERVER_CONNECTIONS}
    file.write_text(CONFIGURATION.format(**values))
    with (database.config.data_dir / "pgbouncer.log").open("w") as log:
        # Like PostgreSQL, it does not run as root.
        process = subprocess.Popen([*database.postgres.prefix, PROGRAM, str(file)], stdout=log, stderr=log)
        try:
            yield int(port)
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture(scope="module")
def database() -> Iterator[Stack]:
    """PostgreSQL alone, with the roles and databases of the services."""
    made = Installation(WEB_CONCURRENCY="2", WEB_THREADS="12")
    try:
        made.up_database()
        yield Stack(made.config())
    finally:
        made.remove()


@pytest.fixture(scope="module")
def pooled(database: Stack) -> Iterator[Installation]:
    """A stack whose services reach their databases through PgBouncer, and whose worker and migrations do not."""
    urls: dict[str, str] = {}
    with pgbouncer(database) as port:
        for service in SERVICES:
            password = quote(database.config.secret(f"{service.role}_password").read_text())
            urls[service.url_setting] = f"postgres://{service.role}:{password}@127.0.0.1:{port}/{service.database}"
            urls[service.direct_url_setting] = database.config.database_url(service)
        eventually(lambda: answers(urls["TASK_DATABASE_URL"]), within=20)
        rates = {f"{name}_RATE": "10000/minute" for name in ("LOGIN_IP", "SIGN_IN", "REGISTER", "REFRESH", "RESET")}
        made = Installation(WEB_CONCURRENCY="2", WEB_THREADS="12", **urls, **rates)
        try:
            made.up()
            yield made
        finally:
            made.remove()


def test_24_threads_of_a_service_share_4_connections(database: Stack, pooled: Installation) -> None:
    account = {"email": "alice@example.com", "password": "correct horse battery"}
    pooled.ask("/auth/register", account)
    token = pooled.ask("/auth/login", account)["data"]["access_token"]
    url = f"http://127.0.0.1:{pooled.environment['GATEWAY_PORT']}"

    def use(number: int) -> set[int]:
        with requests.Session() as client:
            client.headers["Authorization"] = f"Bearer {token}"
            repeated = {"Idempotency-Key": f"{number}"}
            return {
                status
                for _ in range(25)
                for status in (
                    client.post(f"{url}/tasks", json={"title": "task"}, timeout=20).status_code,
                    client.post(f"{url}/tasks", json={"title": "once"}, headers=repeated, timeout=20).status_code,
                    client.get(f"{url}/tasks?search=once&page_size=5", timeout=20).status_code,
                    client.get(f"{url}/users/me/tasks", timeout=20).status_code,
                )
            }

    with ThreadPoolExecutor(24) as pool:
        statuses = set().union(*pool.map(use, range(24)))
    with database.postgres.connect() as superuser:
        used = superuser.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'task_svc'").fetchone()

    # A search may be refused where an account has two under way.
    assert statuses <= {200, 201, 429}
    assert used == (SERVER_CONNECTIONS,)


def test_the_end_to_end_tests_pass_through_a_pooler(database: Stack, pooled: Installation) -> None:
    variables = pooled.environment | {
        "STACK_DATA_DIR": str(pooled.data_dir),
        "GATEWAY_URL": f"http://127.0.0.1:{pooled.environment['GATEWAY_PORT']}",
    }
    command = [str(BIN / "pytest"), "-p", "no:django", "-c", "pyproject.toml", "--rootdir", str(ROOT), "-q"]
    paths = [str(ROOT / "tests" / f"test_{name}.py") for name in TESTS]
    done = subprocess.run([*command, *paths], cwd=ROOT, env=variables, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
