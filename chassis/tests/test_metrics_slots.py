"""Counts are exact over all workers, however they end, and the files of counts do not grow."""

from __future__ import annotations

import os
import re
import runpy
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import psutil
import pytest
from chassis.metrics import minutes, slots
from chassis.metrics.exposition import with_metrics
from prometheus_client import CollectorRegistry, Counter, values

from chassis import gunicorn
from tests.serving import Served, serving

WORKERS = 5


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n".encode()


def eventually(condition: Callable[[], object]) -> None:
    ends = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)  # Between two looks at what is awaited here.


class Counting:
    """A gunicorn that counts, and what its metrics say."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.served = served
        self.folder = folder
        self.mains = [served.process]

    def ask(self, path: str, address: int = 0) -> str:
        answer = self.served.ask(get(path), address)
        # While its client stays, a worker waits to close a connection.
        self.served.clients.pop().close()
        return answer.decode()

    def count(self, requests: int) -> None:
        for _ in range(requests):
            assert "200 OK" in self.ask("/count")

    def sample(self, name: str) -> float:
        text = self.ask("/metrics", address=2)
        return sum(float(number) for number in re.findall(rf"^{name}{{.*}} (\S+)$", text, re.MULTILINE))

    def files(self) -> int:
        return len(list(self.folder.iterdir()))

    def workers(self) -> list[psutil.Process]:
        return [worker for main in self.mains for worker in psutil.Process(main.pid).children()]

    def replace_all(self, how: signal.Signals) -> None:
        """End every worker, and wait until others have their places."""
        before = {each.pid for each in self.workers()}
        for worker in self.workers():
            worker.send_signal(how)
        eventually(lambda: len({each.pid for each in self.workers()} - before) == WORKERS == len(self.workers()))


@pytest.fixture
def counting(tmp_path: Path) -> Iterator[Counting]:
    settings = {"WEB_CONCURRENCY": str(WORKERS), "GUNICORN_CMD_ARGS": "--reuse-port"}
    with serving(tmp_path, **settings) as served:
        yield Counting(served, tmp_path / "metrics")


def test_counts_are_exact_and_files_as_many_after_fifty_ends_of_workers(counting: Counting) -> None:
    counting.count(20)
    for how in (signal.SIGTERM, *[signal.SIGKILL] * 9):
        counting.replace_all(how)
    counting.count(20)

    assert counting.sample("rate_limit_refusals_total") == 40
    assert counting.ask("/minutes").endswith("hello /minutes40")
    # A slot for each worker, and one for each that was ending beside its successor: a lock, its minutes, and counts of
    # three kinds.
    assert counting.files() <= 2 * WORKERS * 5 + 2


def test_requests_are_shown_while_they_are_answered(counting: Counting) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gate:
        gate.settimeout(30)
        counting.served.client().sendall(get(f"/hold/{gate.getsockname()[1]}"))
        with gate.accept()[0]:
            eventually(lambda: counting.sample("http_server_active_requests") == 1)
    eventually(lambda: counting.sample("http_server_active_requests") == 0)


def test_a_killed_worker_is_answering_nothing(counting: Counting) -> None:
    assert counting.ask("/die") == ""

    eventually(lambda: len(counting.workers()) == WORKERS)
    eventually(lambda: counting.sample("http_server_active_requests") == 0)


def test_two_main_processes_count_together_and_one_may_be_killed(counting: Counting) -> None:
    counting.count(4)
    second = counting.served.start()
    counting.mains.append(second)
    try:
        eventually(lambda: len(counting.workers()) == 2 * WORKERS)
        counting.count(6)
        assert {counting.sample("rate_limit_refusals_total") for _ in range(4)} == {10}
    finally:
        counting.mains.remove(second)
        second.kill()
        second.wait(20)
    # Its workers end when they miss it.
    eventually(lambda: not [each for each in processes_in(counting.folder) if each.pid not in family(counting)])

    assert counting.sample("rate_limit_refusals_total") == 10


def family(counting: Counting) -> set[int]:
    main = psutil.Process(counting.served.process.pid)
    return {main.pid, *(each.pid for each in main.children())}


def processes_in(folder: Path) -> list[psutil.Process]:
    lock = str((folder / "users.lock").resolve())
    return [each for each in psutil.process_iter() if lock in open_files(each)]


def open_files(process: psutil.Process) -> list[str]:
    try:
        return [each.path for each in process.open_files()]
    except psutil.Error:
        return []


def test_metrics_have_an_address_of_their_own(counting: Counting) -> None:
    port = counting.served.ports[2]
    elsewhere = counting.served.ask(f"GET /metrics HTTP/1.1\r\nHost: test:{port}\r\n\r\n".encode())

    assert elsewhere.endswith(b"hello /metrics")
    assert "# HELP" in counting.ask("/", address=2)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(slots, "_held", held := [])
    monkeypatch.setattr(slots, "_slot", slots.MAIN)
    monkeypatch.setenv(slots.DIRECTORY_VARIABLE, "")
    monkeypatch.setattr(values, "ValueClass", values.ValueClass)
    monkeypatch.setattr(minutes, "_cells", minutes._cells)
    yield tmp_path / "metrics"
    for file in held:
        os.close(file)


def test_a_directory_is_emptied_unless_it_is_in_use(directory: Path) -> None:
    directory.mkdir()
    (directory / "counter_0.db").touch()
    slots.open_directory(directory)
    assert not list(directory.glob("*.db"))

    (directory / "counter_0.db").touch()
    slots.open_directory(directory)
    assert list(directory.glob("*.db"))


def test_a_worker_takes_the_lowest_slot_that_is_free_and_only_its_counts(directory: Path) -> None:
    slots.open_directory(directory)
    assert slots.identifier() == "main"
    slots.claim()
    slots.claim()
    assert slots.identifier() == "1"
    os.close(slots._held.pop())
    for name in ("counter_1.db", "gauge_livesum_1.db"):
        (directory / name).touch()

    slots.claim()

    assert slots.identifier() == "1"
    assert [file.name for file in directory.glob("*.db")] == ["counter_1.db"]


def test_what_living_workers_are_in_the_midst_of_is_not_forgotten(directory: Path) -> None:
    slots.open_directory(directory)
    slots.claim()
    slots.claim()
    os.close(slots._held.pop())
    for number in (0, 1):
        (directory / f"gauge_livesum_{number}.db").touch()

    slots.forget_the_dead()

    assert [file.name for file in directory.glob("*.db")] == ["gauge_livesum_0.db"]


@pytest.mark.django_db(transaction=True)
def test_a_service_with_an_address_for_its_metrics_answers_there_with_those_of_all_slots(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        host, port = client.getsockname()
        monkeypatch.setenv("METRICS_BIND", f"{host}:{port}")
        monkeypatch.setenv("METRICS_DIR", str(directory))
        module = runpy.run_path(str(gunicorn.__file__))
        module["post_fork"](None, None)
        Counter("test_things", "Things.", registry=CollectorRegistry()).inc(3)
        module["child_exit"](None, None)
        start_response = Mock()

        request = {"gunicorn.socket": client, "REQUEST_METHOD": "GET", "PATH_INFO": "/metrics", "QUERY_STRING": ""}
        there = with_metrics(Mock())(request, start_response)
        elsewhere = with_metrics(Mock(return_value=[b"an answer"]))({"gunicorn.socket": listener}, start_response)

    assert module["bind"][-1] == f"{host}:{port}"
    assert b"\ntest_things_total 3.0\n" in b"".join(there)
    assert list(elsewhere) == [b"an answer"]
