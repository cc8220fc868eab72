"""The whole system on a database of two nodes."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from failover.cluster import Cluster
from local.config import Config
from local.stack import Stack
from tests.conftest import GATEWAY_URL, Persona, join
from tests.local_stack import LocalStack


@pytest.fixture(scope="session")
def running() -> Iterator[Cluster]:
    """The nodes and the services on them; the runner of this suite stops them."""
    cluster = Cluster(Config())
    try:
        cluster.start()
        os.environ |= cluster.database_urls()
        Stack(Config()).up()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def cluster(running: Cluster, services: LocalStack) -> Cluster:
    """Two nodes, one of them the other's synchronous standby, and healthy services."""
    running.make_whole()
    services.wait_until_settled(GATEWAY_URL)
    return running


@pytest.fixture
def services(running: Cluster) -> LocalStack:
    return LocalStack(running.config)


@pytest.fixture
def alice(cluster: Cluster) -> Persona:
    return join("alice")
