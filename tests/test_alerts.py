"""Each fault fires its alert and no other, and the alert resolves: seen by a real Prometheus."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from functools import partial

import psycopg
import pytest

from local.config import Config
from local.connections import of_a_service
from local.services import find
from tests.conftest import Persona, join, login, new_client
from tests.local_stack import LocalStack
from tests.own_prometheus import Prometheus, own_prometheus
from tests.waiting import eventually

# The worker is silent after 30 seconds, and that for ten.
FIRES_WITHIN = 90.0
SETTLED = "time() - jobs_worker_last_seen_timestamp_seconds < 15"
SERVICES = ("auth-svc", "task-svc", "user-svc")
JOB = """
    INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', 'accounts.jobs.clean_up', '{}')
    RETURNING id
"""
STARTED = "UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s"
FAILED = """
    UPDATE procrastinate_jobs SET status = 'todo', attempts = 1, scheduled_at = now() + interval '1 hour' WHERE id = %s
"""


@pytest.fixture(scope="module")
def alice() -> Persona:
    """Somebody who has signed in twice, which is slow, before a Prometheus looks; her second tokens are new to all."""
    alice = join("alice")
    return replace(alice, tokens=login(alice.email))


@pytest.fixture(scope="module")
def prometheus(stack: LocalStack, alice: Persona, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that watches a stack with a backup, in which nothing of earlier tests goes on."""
    Config().backup_stamp.touch()
    with connected("auth-svc") as connection:
        # Accounts are erased a second time when their tokens are forgotten; a fault would make such calls slow.
        connection.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name LIKE '%erase_account'")
    with own_prometheus(tmp_path_factory.mktemp("prometheus")) as prometheus:
        yield prometheus


# Where jobs wait for what is unavailable, and one may be due too long: an earlier test's erasure, say.
JOBS_WAIT = {
    "WorkerSilent auth-svc",
    "ServiceDown task-svc",
    "ServiceDown user-svc",
    "DatabaseDown auth-svc",
    "LatencyBurn task-svc",
}
Fault = Callable[[LocalStack, Persona], AbstractContextManager[None]]


@contextmanager
def stopped(name: str, stack: LocalStack, alice: Persona) -> Iterator[None]:
    stack.stop(name)
    try:
        yield
    finally:
        stack.start(name)


@contextmanager
def frozen(name: str, stack: LocalStack, alice: Persona) -> Iterator[None]:
    stack.freeze(name)
    try:
        yield
    finally:
        stack.thaw_all()


def connected(service: str) -> psycopg.Connection:
    return psycopg.connect(Config().database_url(find(service)))


@contextmanager
def many_connections(stack: LocalStack, alice: Persona) -> Iterator[None]:
    with ExitStack() as connections:
        connection = connections.enter_context(connected("user-svc"))
        connection.autocommit = True
        while in_use(connection) < of_a_service(Config().environment) * 85 // 100:
            connections.enter_context(connected("user-svc"))
        yield


def in_use(connection: psycopg.Connection) -> int:
    """Return how many connections a role has, the service's own included."""
    ((count,),) = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = current_user").fetchall()
    return int(count)


@contextmanager
def open_transaction(stack: LocalStack, alice: Persona) -> Iterator[None]:
    with connected("user-svc") as connection:
        connection.execute("SELECT 1")
        yield


@contextmanager
def failing_job(stack: LocalStack, alice: Persona) -> Iterator[None]:
    """A job that has failed and is tried again in an hour, even if its worker ends and another one follows."""
    with connected("auth-svc") as connection:
        ((job,),) = connection.execute(JOB).fetchall()
        connection.execute(STARTED, [job])
        connection.execute(FAILED, [job])
        connection.commit()
        try:
            yield
        finally:
            connection.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [job])


@contextmanager
def stolen_refresh_token(stack: LocalStack, alice: Persona) -> Iterator[None]:
    token = stolen = alice.tokens["refresh_token"]
    for _ in range(2):
        answer = new_client().post("/auth/refresh", json={"refresh_token": token})
        token = answer.json()["data"]["refresh_token"]
    assert new_client().post("/auth/refresh", json={"refresh_token": stolen}).status_code == 401
    yield


@contextmanager
def no_backup(stack: LocalStack, alice: Persona) -> Iterator[None]:
    Config().backup_stamp.unlink()
    try:
        yield
    finally:
        Config().backup_stamp.touch()


@contextmanager
def repeated(act: Callable[[], object], pause: float = 0.0) -> Iterator[None]:
    """Do something again and again until the block ends."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(pause):
            act()

    with ThreadPoolExecutor(1) as threads:
        repeating = threads.submit(repeat)
        try:
            yield
        finally:
            ended.set()
            repeating.result()


@contextmanager
def auth_away_under_load(stack: LocalStack, alice: Persona) -> Iterator[None]:
    def ask() -> None:
        assert new_client(alice.token).get("/tasks").status_code == 503

    with stopped("auth-svc", stack, alice):
        eventually(lambda: new_client(alice.token).get("/tasks").status_code == 503, within=30)
        with repeated(ask, pause=0.2):
            yield


@contextmanager
def slow_table(stack: LocalStack, alice: Persona) -> Iterator[None]:
    with connected("task-svc") as connection:

        def lock() -> None:
            connection.execute("LOCK TABLE tasks_task IN ACCESS EXCLUSIVE MODE")
            time.sleep(1)  # For so long each request waits.
            connection.rollback()

        with repeated(lock), repeated(lambda: alice.client.get("/tasks")):
            yield


@pytest.mark.parametrize(
    ("fault", "alerts"),
    [
        pytest.param(partial(stopped, "task-svc"), {"ServiceDown task-svc"}, id="a service is stopped"),
        pytest.param(partial(frozen, "user-svc"), {"ServiceDown user-svc"}, id="a service is frozen"),
        pytest.param(partial(stopped, "gateway"), {"ServiceDown gateway"}, id="the gateway is stopped"),
        pytest.param(partial(stopped, "postgres"), {f"DatabaseDown {s}" for s in SERVICES}, id="PostgreSQL is stopped"),
        pytest.param(partial(frozen, "postgres"), {f"DatabaseDown {s}" for s in SERVICES}, id="PostgreSQL is frozen"),
        pytest.param(partial(stopped, "auth-worker"), {"WorkerSilent auth-svc"}, id="the worker is stopped"),
        pytest.param(failing_job, {"OldestDueJob auth-svc"}, id="a job fails"),
        pytest.param(many_connections, {"ConnectionsNearLimit user-svc"}, id="connections are used up"),
        pytest.param(open_transaction, {"LongTransaction user-svc"}, id="a transaction stays open"),
        pytest.param(stolen_refresh_token, {"RefreshReuse auth-svc"}, id="a refresh token is stolen"),
        pytest.param(no_backup, {f"NoBackup {s}" for s in SERVICES}, id="there is no backup"),
        pytest.param(
            auth_away_under_load,
            {"ServiceDown auth-svc", "AvailabilityBurn task-svc", "AvailabilityBurn gateway"},
            id="auth_svc is unavailable under load",
        ),
        pytest.param(slow_table, {"LatencyBurn task-svc", "LatencyBurn gateway"}, id="a table is locked"),
    ],
)
def test_a_fault_fires_its_alert_and_no_other_and_the_alert_resolves(
    prometheus: Prometheus, whole: LocalStack, alice: Persona, fault: Fault, alerts: set[str]
) -> None:
    eventually(lambda: prometheus.query(SETTLED) and not prometheus.firing(), within=FIRES_WITHIN)
    started = time.monotonic()

    with fault(whole, alice):
        eventually(lambda: prometheus.firing() >= alerts, within=FIRES_WITHIN)

    eventually(lambda: not prometheus.firing(), within=FIRES_WITHIN)
    fired = prometheus.firing(within=time.monotonic() - started)
    consequences = {"OldestDueJob auth-svc"} if alerts & JOBS_WAIT else set()
    assert alerts <= fired <= alerts | consequences
