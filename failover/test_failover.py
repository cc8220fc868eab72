"""A node of the database dies under writes: which answers clients get, how soon it heals, and that nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from failover.cluster import Cluster
from tests.conftest import GATEWAY_URL, Persona, login
from tests.local_stack import LocalStack
from tests.waiting import eventually
from tests.writers import Writer, writing

HEALS_WITHIN = 30.0
WRITERS = 4

AssertHeals = Callable[[str, Callable[[], None]], None]


@pytest.fixture
def writers(alice: Persona, capsys: pytest.CaptureFixture[str]) -> Iterator[list[Writer]]:
    """Clients that write during the test; they see no status but 201 and 503, and what they were told is stored."""
    with ExitStack() as stack:
        writers = [stack.enter_context(writing(alice)) for _ in range(WRITERS)]
        eventually(lambda: all(len(writer.acknowledged) > 100 for writer in writers), within=60)
        yield writers
    statuses = {status for writer in writers for status in writer.statuses}
    acknowledged = {task for writer in writers for task in writer.acknowledged}
    lost = acknowledged - writers[0].stored()
    with capsys.disabled():
        print(f"\n  {len(acknowledged)} writes acknowledged, {len(lost)} of them lost; statuses {sorted(statuses)}")
    assert not lost
    assert statuses <= {201, 503}
    assert not any(writer.unanswered for writer in writers)


@pytest.fixture
def assert_heals(
    services: LocalStack, alice: Persona, writers: list[Writer], capsys: pytest.CaptureFixture[str]
) -> AssertHeals:
    """Injects a fault, and awaits that every writer writes, every service is healthy and a person can sign in."""

    def inject(what: str, fault: Callable[[], None]) -> None:
        started = time.monotonic()
        fault()
        # One more may have been under way.
        enough = [len(writer.acknowledged) + 2 for writer in writers]
        eventually(lambda: all(len(w.acknowledged) >= n for w, n in zip(writers, enough, strict=True)), HEALS_WITHIN)
        services.wait_until_healthy(GATEWAY_URL)
        login(alice.email)
        seconds = time.monotonic() - started
        with capsys.disabled():
            print(f"\n  {what}: healed in {seconds:.1f} s", end="")
        assert seconds < HEALS_WITHIN

    return inject


def test_the_standby_takes_over_from_a_lost_primary_and_the_old_primary_from_the_new_one(
    cluster: Cluster, assert_heals: AssertHeals
) -> None:
    first, second = cluster.primary, cluster.standby

    assert_heals("the primary is lost", first.kill)
    assert cluster.primary is second
    cluster.make_whole()
    assert_heals("its successor is lost", second.kill)
    assert cluster.primary is first


def test_the_standby_takes_over_at_once_when_only_postgresql_died(cluster: Cluster, assert_heals: AssertHeals) -> None:
    first, second = cluster.primary, cluster.standby

    assert_heals("the primary's PostgreSQL is lost", first.kill_postgres)

    assert cluster.primary is second
    eventually(lambda: first.says("sync"), within=60)


def test_a_primary_that_was_frozen_is_a_standby_when_it_wakes(cluster: Cluster, assert_heals: AssertHeals) -> None:
    first, second = cluster.primary, cluster.standby
    try:
        assert_heals("the primary is frozen", first.freeze)
    finally:
        first.thaw()

    eventually(lambda: first.says("sync"), within=60)
    assert cluster.primary is second


def test_the_primary_goes_on_without_its_standby(cluster: Cluster, assert_heals: AssertHeals) -> None:
    first = cluster.primary

    assert_heals("the standby is lost", cluster.standby.kill)

    assert cluster.primary is first
