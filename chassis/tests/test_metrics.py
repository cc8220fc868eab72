"""What is counted, under which names and labels."""

from __future__ import annotations

import random
import socket
import string
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from chassis.clients import ServiceClient
from chassis.exceptions import ServiceUnavailable
from chassis.metrics import active, database, instruments
from chassis.metrics.database import DatabaseCollector
from chassis.metrics.exposition import BackupCollector, is_at, port_of, with_metrics
from chassis.middleware import RequestLogMiddleware
from chassis.testing import JSONClient
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import Metric

from tests.conftest import Clock
from tests.peers import Peer, break_off, refuse, reply, vouch


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def requests_to(route: str, method: str = "GET", status: int = 200) -> float:
    labels = {"http_request_method": method, "http_route": route, "http_response_status_code": str(status)}
    return value("http_server_request_duration_seconds_count", **labels)


def test_a_request_is_counted_by_method_route_and_status(client: JSONClient) -> None:
    before = requests_to("/status/<int:status>", "GET", 404)

    client.get("/status/404")

    assert requests_to("/status/<int:status>", "GET", 404) == before + 1


def test_a_request_is_active_while_it_is_answered() -> None:
    def active_requests() -> float:
        active.show()
        return value("http_server_active_requests", http_request_method="PUT")

    def get_response(request: HttpRequest) -> HttpResponse:
        return HttpResponse(active_requests())

    response = RequestLogMiddleware(get_response)(RequestFactory().put("/"))

    assert float(response.content) == 1
    assert active_requests() == 0


def count_series() -> int:
    return sum(len(metric.samples) for metric in instruments.request_durations.collect())


def test_a_thousand_random_paths_and_methods_add_no_series(client: JSONClient) -> None:
    client.get("/nowhere")
    client.generic("BREW", "/nowhere")
    series = count_series()
    before = requests_to("unknown", status=404)

    for _ in range(500):
        name = "".join(random.choices(string.ascii_letters, k=12))
        client.get(f"/{name}")
        client.generic(name, f"/{name}")

    assert count_series() == series
    assert requests_to("unknown", status=404) == before + 500


@pytest.mark.parametrize(
    ("behave", "outcome"),
    [(reply({}, 404), "answered"), (reply({}, 503), "unavailable"), (break_off, "unavailable")],
    ids=["404", "503", "no answer"],
)
def test_a_call_is_counted_by_peer_and_outcome(
    peer: Peer, client_of_peer: ServiceClient, behave: Any, outcome: str
) -> None:
    peer.behave = behave
    before = value("http_client_request_duration_seconds_count", peer="peer", outcome=outcome)
    refused_before = value("http_client_request_duration_seconds_count", peer="peer", outcome="refused")

    for _ in range(2):
        try:
            client_of_peer.call("GET", "/things")
        except ServiceUnavailable:
            continue

    # After a call without an answer the next one is not even tried.
    refused_now = value("http_client_request_duration_seconds_count", peer="peer", outcome="refused") - refused_before
    assert refused_now == (behave is break_off)
    after = value("http_client_request_duration_seconds_count", peer="peer", outcome=outcome)
    assert after + refused_now == before + 2


def test_a_look_up_of_a_token_is_counted_by_where_its_account_was_found(
    peer: Peer, caller: JSONClient, auth: Peer, clock: Clock
) -> None:
    def look_up(count: int = 1) -> dict[str, float]:
        before = {outcome: value("token_lookups_total", outcome=outcome) for outcome in outcomes}
        for _ in range(count):
            caller.get("/me")
        after = {outcome: value("token_lookups_total", outcome=outcome) - before[outcome] for outcome in outcomes}
        return {outcome: number for outcome, number in after.items() if number}

    outcomes = ("fresh", "asked", "shared", "stale", "refused", "unavailable")
    auth.behave = vouch(5)
    assert look_up(3) == {"asked": 1, "fresh": 2}
    auth.behave = break_off
    clock.advance(6)
    assert look_up(2) == {"stale": 2}
    clock.advance(60)
    assert look_up() == {"unavailable": 1}
    auth.behave = refuse()
    clock.advance(2)
    assert look_up() == {"refused": 1}


def read(collector: DatabaseCollector) -> dict[str, float]:
    return {sample.name: sample.value for metric in collector.collect() for sample in metric.samples}


@pytest.mark.django_db(transaction=True)
def test_the_database_says_how_it_is() -> None:
    found = read(DatabaseCollector())

    assert found["database_up"] == 1
    assert 1 <= found["database_connections"] <= found["database_connections_limit"]
    assert found["database_oldest_transaction_seconds"] >= 0
    assert found["database_transaction_id_age"] > 0
    assert found["database_size_bytes"] > 1024 * 1024


@pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
def test_a_database_that_refuses_is_down(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def refuse_all() -> Iterable[Metric]:
        raise error

    monkeypatch.setattr(database, "database_readers", [refuse_all])

    assert read(DatabaseCollector()) == {"database_up": 0}


def test_a_database_that_hangs_holds_no_scrape_up_and_is_asked_again_once_it_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers, asked = threading.Event(), []

    def hang() -> Iterable[Metric]:
        asked.append(True)
        answers.wait(10)
        return [database.gauge("a", "A.", len(asked))]

    monkeypatch.setattr(database, "database_readers", [hang])
    monkeypatch.setattr(database, "PATIENCE", 0.05)
    collector = DatabaseCollector()

    assert [read(collector) for _ in range(3)] == [{"database_up": 0}] * 3
    assert len(asked) == 1
    answers.set()
    monkeypatch.setattr(database, "PATIENCE", 10)
    assert read(collector)["database_up"] == 1


def test_the_last_backup_is_when_its_stamp_was_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BACKUP_STAMP", raising=False)
    assert list(BackupCollector().collect()) == []
    stamp = tmp_path / "last-backup"
    monkeypatch.setenv("BACKUP_STAMP", str(stamp))
    (never,) = BackupCollector().collect()
    stamp.touch()
    (now,) = BackupCollector().collect()

    assert never.samples[0].value == 0
    assert now.samples[0].value == stamp.stat().st_mtime


def test_without_an_address_there_are_no_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("METRICS_BIND", raising=False)
    application = Mock()

    assert with_metrics(application) is application


def test_the_address_may_be_a_socket_that_is_bound_already() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert port_of(f"fd://{listener.fileno()}") == port_of(f"0.0.0.0:{listener.getsockname()[1]}")
        # It is still there for gunicorn.
        assert listener.getsockname()


def test_metrics_are_at_the_port_that_a_client_has_connected_to_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        assert is_at(client, client.getsockname()[1])
        assert not is_at(client, client.getsockname()[1] + 1)
    local, other = socket.socketpair()
    with local, other:
        assert not is_at(local, 8201)
