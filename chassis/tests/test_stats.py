"""What a service has answered in the last quarter of an hour, and who may see it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from chassis.metrics import minutes, slots
from chassis.metrics.minutes import KEPT, NOTHING, SIZE, Traffic
from chassis.testing import JSONClient, Persona, failure_of

from tests.conftest import Clock


@pytest.fixture(autouse=True)
def _nothing_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(slots.DIRECTORY_VARIABLE, "")
    monkeypatch.setattr(minutes, "_cells", memoryview(bytearray(SIZE)).cast("Q"))


@pytest.fixture
def moved(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time as the minutes read it."""
    monkeypatch.setattr("chassis.metrics.minutes.time", clock.time)
    return clock


def counted() -> list[int]:
    return [traffic.requests for traffic in minutes.read().values()]


def stats(staff: Persona) -> Any:
    response = staff.client.get("/stats")
    assert response.status_code == 200, response.content
    return response.json()


def test_only_staff_see_the_figures(anonymous: JSONClient, alice: Persona, staff: Persona) -> None:
    assert failure_of(anonymous.get("/stats")) == (401, "not_authenticated")
    assert failure_of(alice.client.get("/stats")) == (403, "permission_denied")
    assert stats(staff)["service"] == "chassis"


def test_what_is_answered_is_counted_and_what_fails_as_a_failure(client: JSONClient, staff: Persona) -> None:
    assert (stats(staff)["requests"], stats(staff)["p99"]) == (0, None)
    for status in (200, 404, 503):
        client.get(f"/status/{status}")

    found = stats(staff)

    assert (found["requests"], found["failures"]) == (3, 1)
    assert 0 < found["p50"] <= found["p99"]
    assert len(found["minutes"]) == KEPT
    assert [sum(minute[name] for minute in found["minutes"]) for name in ("requests", "failures")] == [3, 1]
    *whole, last = found["minutes"]
    assert {minute["seconds"] for minute in whole} == {60}
    began = datetime.fromisoformat(last["start"])
    assert (began.second, began.microsecond) == (0, 0)
    assert abs(began.timestamp() + last["seconds"] - datetime.now(UTC).timestamp()) < 5


@pytest.mark.django_db
def test_watching_a_service_is_not_counted(client: JSONClient, staff: Persona) -> None:
    for path in ("/health", "/health/live"):
        assert client.get(path).status_code == 200
    stats(staff)

    assert stats(staff)["requests"] == 0


def test_a_minute_is_kept_for_a_quarter_of_an_hour(moved: Clock) -> None:
    minutes.count(0.02, failed=True)
    moved.advance(60)
    minutes.count(0.02, failed=False)
    assert counted() == [0] * 13 + [1, 1]

    moved.advance(13 * 60)
    assert counted() == [1, 1] + [0] * 13
    moved.advance(60)
    assert counted() == [1] + [0] * 14

    # The oldest minutes make room for new ones.
    for _ in range(2 * KEPT):
        moved.advance(60)
        minutes.count(0.02, failed=False)
    assert counted() == [1] * KEPT
    assert sum(minutes.read().values(), NOTHING).failures == 0


def test_the_counts_of_all_slots_are_added_up_and_outlive_their_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(slots.DIRECTORY_VARIABLE, str(tmp_path))
    for slot, requests in (("0", 2), ("1", 3), ("0", 4)):
        minutes.keep_in(tmp_path, slot)
        for _ in range(requests):
            minutes.count(0.02, failed=True)

    assert sum(minutes.read().values(), NOTHING) == Traffic(9, (0, 0, 9, *[0] * 12))


@pytest.mark.parametrize(
    ("durations", "share", "seconds"),
    [
        ([], 0.5, None),
        # All in the bucket from 10 to 25 ms, where they count as evenly spread.
        ([0.02] * 10, 0.5, 0.0175),
        ([0.005] * 50 + [0.02] * 50, 0.99, 0.0247),
        ([0.005] * 99 + [3.0], 0.5, 0.0025 * 100 / 99),
        # Longer than the last bucket, of which nobody knows more.
        ([60.0], 0.5, 10),
    ],
    ids=["none", "one bucket", "p99 of two", "p50 of two", "longest"],
)
def test_durations_are_estimated_as_prometheus_does(durations: list[float], share: float, seconds: float) -> None:
    for duration in durations:
        minutes.count(duration, failed=False)

    estimate = sum(minutes.read().values(), NOTHING).quantile(share)

    assert estimate == (seconds and pytest.approx(seconds))
