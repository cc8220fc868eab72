"""One request is one trace, from the gateway to the last statement and job, and no collector can hold one up."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import pytest
import requests

from local import ports
from local.config import Config
from local.services import SERVICES, find
from tests.conftest import PASSWORD, Persona, join
from tests.local_stack import LocalStack
from tests.own_collector import Collector, Recorded, own_collector
from tests.own_gateway import OwnGateway, gateway_alone
from tests.replicas import replica
from tests.waiting import eventually

# Well-formed, and not sampled.
OF_A_CLIENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
ERASURE = "accounts.jobs.erase_account"
ERASING = "DELETE /internal/accounts/<uuid:account_id>"


@dataclass
class Traced:
    """A second gateway before processes of their own, all of them with a collector; its databases are the stack's."""

    gateway: OwnGateway
    collector: Collector

    def send(self, method: str, path: str, person: Persona, **arguments: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {person.token}", **arguments.pop("headers", {})}
        url = f"http://127.0.0.1:{self.gateway.port}{path}"
        return requests.request(method, url, headers=headers, timeout=20, **arguments)

    def trace_of(self, method: str, *services: str) -> list[Recorded]:
        """Wait for the trace of the newest request to the gateway, with spans of these services and all their parents.

        Services export what has ended in portions, a parent after its children.
        """

        def found() -> list[Recorded]:
            root = self.collector.root(method)
            spans = self.collector.trace(root.trace) if root else []
            known = {b"", *(each.span.span_id for each in spans)}
            whole = all(each.span.parent_span_id in known for each in spans)
            return spans if whole and {each.service for each in spans} >= set(services) else []

        eventually(lambda: bool(found()), within=20)
        return found()


@pytest.fixture(scope="module")
def traced(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traced]:
    home = tmp_path_factory.mktemp("traced")
    names = [service.short.upper() for service in SERVICES]
    inner, outer = (dict(zip(names, ports.free(3), strict=True)) for _ in "io")
    with own_collector() as collector, ExitStack() as running:
        tracing = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "100"}
        settings = tracing | {f"{name}_SERVICE_URL": f"http://127.0.0.1:{inner[name]}" for name in names}
        upstreams = {f"{name}_UPSTREAM": f"127.0.0.1:{outer[name]}" for name in names}
        for service, name in zip(SERVICES, names, strict=True):
            own = {"SERVICES_BIND": f"127.0.0.1:{inner[name]}", "WEB_CONCURRENCY": "2"}
            running.enter_context(replica(service, f"127.0.0.1:{outer[name]}", **settings | own))
        # Two workers would share the jobs, and only one of them traces.
        stack.stop("auth-worker")
        running.callback(stack.start, "auth-worker")
        running.enter_context(worker(settings))
        protocol = {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf", "OTEL_SERVICE_NAME": "gateway"}
        before = {"GATEWAY_UPSTREAMS": "fixed", **upstreams, **tracing, **protocol}
        gateway = running.enter_context(gateway_alone(home, {}, before))
        yield Traced(gateway, collector)


@contextmanager
def worker(settings: dict[str, str]) -> Iterator[None]:
    """Run a worker on the stack's database, for as long as the block."""
    service = find("auth-svc")
    environment = {**os.environ, **Config().service_environment(service, direct=True), **settings}
    command = [sys.executable, "manage.py", "procrastinate", "worker"]
    process = subprocess.Popen(command, cwd=service.directory, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


def assert_connected(spans: list[Recorded]) -> None:
    """Check that every span but one has a parent among the others."""
    known = {each.span.span_id for each in spans}
    roots = [each for each in spans if each.span.parent_span_id not in known]

    assert [(each.service, each.is_root) for each in roots] == [("gateway", True)]


def statements(spans: list[Recorded]) -> set[str]:
    """Return the services that have recorded a statement."""
    return {each.service for each in spans if any(of.key == "db.query.text" for of in each.span.attributes)}


def test_a_task_for_another_user_is_one_trace(traced: Traced, staff: Persona, alice: Persona) -> None:
    assert alice.client.post("/users/createprofile", json={"full_name": "Alice"}).status_code == 201
    task = {"userId": alice.id, "title": "Of one trace"}
    assert traced.send("POST", "/tasks/tasks", staff, json=task).status_code == 201

    spans = traced.trace_of("POST", "task-svc", "user-svc", "auth-svc", "gateway")
    assert_connected(spans)
    assert statements(spans) == {"auth-svc", "task-svc", "user-svc"}
    names = {(each.service, each.name) for each in spans}
    assert names >= {
        ("gateway", "POST"),
        ("task-svc", "POST /tasks/tasks"),
        ("task-svc", "POST auth-svc"),
        ("task-svc", "GET user-svc"),
        ("auth-svc", "POST /auth/validate-token"),
        ("user-svc", "GET /users/users/<uuid:pk>"),
        ("task-svc", "INSERT"),
    }


def test_no_client_decides_whether_or_where_it_is_traced(traced: Traced, alice: Persona) -> None:
    headers = {"traceparent": OF_A_CLIENT, "tracestate": "a=b", "baggage": "a=b"}
    assert traced.send("PATCH", "/users/me", alice, json={"bio": "x"}, headers=headers).status_code in (200, 404)

    spans = traced.trace_of("PATCH", "gateway", "user-svc")
    assert_connected(spans)
    assert not traced.collector.trace(OF_A_CLIENT.split("-")[1])


def test_a_deleted_account_is_traced_to_what_is_erased(traced: Traced) -> None:
    person = join("traced")
    assert traced.send("DELETE", "/auth/me", person, json={"password": PASSWORD}).status_code == 202

    def services_with(name: str) -> list[str]:
        return sorted(each.service for each in traced.trace_of("DELETE") if each.name == name)

    eventually(lambda: len(services_with(ERASURE)) >= 2, within=20)
    eventually(lambda: services_with(ERASING) == ["task-svc", "user-svc"], within=20)
    spans = traced.trace_of("DELETE", "gateway", "auth-svc", "task-svc", "user-svc")
    assert_connected(spans)
    assert {each.service for each in spans if each.name == "DELETE"} >= {"gateway", "task-svc"}
    assert not any(person.email in str(each.span) for each in spans)


@pytest.mark.parametrize("failing", [Collector.hanging, Collector.hanging_up], ids=["hangs", "hangs up"])
def test_a_collector_that_does_not_answer_costs_no_request_anything(
    traced: Traced, alice: Persona, failing: Callable[[Collector], AbstractContextManager[None]]
) -> None:
    def durations() -> list[float]:
        found = []
        for _ in range(60):
            started = time.perf_counter()
            assert traced.send("GET", "/tasks", alice).status_code == 200
            found.append(time.perf_counter() - started)
        return found

    durations()
    answered = median(durations())
    before = traced.collector.unanswered
    with failing(traced.collector):
        eventually(lambda: traced.send("GET", "/tasks", alice).ok and traced.collector.unanswered > before, within=20)
        unanswered = median(durations())

    # Less than any wait for the collector.
    assert unanswered < answered + 0.5
