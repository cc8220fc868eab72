"""Clients that send slowly, or never to the end, cost the gateway only for a while, and only so much."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from tests.conftest import GATEWAY_URL, Persona
from tests.local_stack import LocalStack
from tests.own_gateway import Stub, own_gateway
from tests.waiting import eventually

ADDRESS = (urlsplit(GATEWAY_URL).hostname or "", urlsplit(GATEWAY_URL).port or 80)
MIB = 1024 * 1024
BODIES = 400


def begin_body(address: tuple[str, int], sent: int) -> socket.socket:
    """Promise a body of 1 MiB and send a part of it."""
    connection = socket.create_connection(address, timeout=20)
    connection.sendall(
        b"POST /tasks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % MIB
    )
    connection.sendall(b"x" * sent)
    return connection


def resident(process: psutil.Process) -> int:
    memory: int = process.memory_info().rss
    return memory


def test_memory_of_unfinished_bodies_is_given_back(alice: Persona, stack: LocalStack) -> None:
    gateway = stack.main_process("gateway")
    with ExitStack() as connections:
        with ThreadPoolExecutor(20) as pool:
            for connection in pool.map(lambda _: begin_body(ADDRESS, MIB - 1), range(BODIES)):
                connections.enter_context(connection)
        eventually(lambda: resident(gateway) > 700 * MIB, within=20)
        assert alice.client.get("/auth/me").status_code == 200

    def is_given_back() -> bool:
        assert alice.client.get("/auth/me").status_code == 200
        return resident(gateway) < 600 * MIB

    eventually(is_given_back, within=30)


def test_the_gateways_connections_are_bounded(stack: LocalStack) -> None:
    soft, hard = stack.main_process("gateway").rlimit(psutil.RLIMIT_NOFILE)

    # The hard limit too: a program in Go raises the soft one to it.
    assert soft == hard == 1024


class Silent(Stub):
    """A service that no request reaches here."""


@pytest.mark.parametrize("sent", [0, 10, MIB - 1])
def test_a_body_that_stops_ends_its_connection(tmp_path: Path, sent: int) -> None:
    with (
        own_gateway(Silent, tmp_path, {"read_body 30s": "read_body 1s"}) as gateway,
        begin_body(gateway.address, sent) as connection,
    ):
        while connection.recv(1000):
            pass


def test_a_head_that_stops_ends_its_connection(tmp_path: Path) -> None:
    with (
        own_gateway(Silent, tmp_path, {"read_header 10s": "read_header 1s"}) as gateway,
        socket.create_connection(gateway.address, timeout=20) as connection,
    ):
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: ")
        while connection.recv(1000):
            pass
