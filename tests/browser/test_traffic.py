"""The figures of the last quarter of an hour on the front page: they follow the traffic, and only staff see them."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, assert_accessible, assert_fits, log_in
from tests.conftest import PASSWORD, Client, Persona, failure_of
from tests.local_stack import LocalStack
from tests.waiting import eventually

PREFIXES = ("auth", "tasks", "users")
CELLS = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
# How much of its chart each bar takes, and whether there is a mark over it, the newest minute last.
BARS = """chart => [...chart.querySelectorAll(".answered")].map(bar => {
  const failed = bar.nextSibling;
  const mark = failed.nextSibling;
  return [bar.height.baseVal.value + failed.height.baseVal.value, mark !== null && mark.tagName === "text"];
})"""


def traffic(page: Page, prefix: str = "tasks") -> Locator:
    return page.locator(f"[data-stats='/{prefix}/stats']")


def open_page(page: Page, persona: Persona) -> None:
    page.goto("/")
    log_in(page, persona.email, PASSWORD)


def rows(page: Page) -> dict[str, dict[str, Any]]:
    """Return the table of task_svc by minute, the newest first."""
    cells = traffic(page).locator("tbody tr").evaluate_all(CELLS)
    return {
        start: {"requests": int(requests), "failures": int(failures), "p50": p50}
        for start, requests, failures, p50, _ in cells
    }


def more(page: Page, before: dict[str, dict[str, Any]], name: str) -> int:
    """Return how much more the table counts than before, whatever minutes have come and gone since."""
    return sum(row[name] - before.get(start, {name: 0})[name] for start, row in rows(page).items())


def test_staff_see_the_traffic_as_it_comes(page: Page, staff: Persona, alice: Persona) -> None:
    open_page(page, staff)
    for prefix in PREFIXES:
        expect(traffic(page, prefix).locator("svg.rates rect.answered")).to_have_count(15)
    traffic(page).get_by_text("As a table").click()
    before = rows(page)

    for _ in range(40):
        alice.client.get("/tasks")

    eventually(lambda: more(page, before, "requests") >= 40, within=20)
    assert more(page, before, "failures") == 0
    assert all(row["p50"].endswith(" ms") == (row["requests"] > 0) for row in rows(page).values())


def test_a_bar_is_as_high_as_its_minute_had_requests(page: Page, staff: Persona, alice: Persona) -> None:
    for _ in range(10):
        alice.client.get("/tasks")
    open_page(page, staff)
    expect(traffic(page).locator("svg.rates rect.answered")).to_have_count(15)

    bars = traffic(page).locator("svg.rates").evaluate(BARS)
    # The minute that goes on is drawn by its seconds so far.
    requests = [row["requests"] for row in rows(page).values()][:0:-1]
    heights = [height for height, _ in bars][:-1]

    # Either may be the highest; the others are in proportion.
    highest = max(heights)
    assert [round(each / (highest or 1), 2) for each in heights] == [
        round(each / (max(requests) or 1), 2) for each in requests
    ]
    assert max(height for height, _ in bars) == pytest.approx(66)


def test_a_service_that_fails_shows_its_failures(page: Page, staff: Persona, bob: Persona, whole: LocalStack) -> None:
    open_page(page, staff)
    expect(traffic(page).locator("svg.rates rect.answered")).to_have_count(15)
    before = rows(page)

    whole.freeze("user-svc")
    for _ in range(5):
        body = {"title": "for bob", "userId": bob.id}
        assert staff.client.post("/tasks/tasks", json=body).status_code == 503

    eventually(lambda: more(page, before, "failures") >= 5, within=20)
    expect(traffic(page).locator("[data-figure=failures]")).to_contain_text("▲")
    marks = [mark for _, mark in traffic(page).locator("svg.rates").evaluate(BARS)]
    assert any(marks[-2:])
    expect(traffic(page, "users")).to_contain_text("No new figures: no answer", timeout=20_000)
    expect(page.locator("[data-health='/users/health']")).to_contain_text("Not available", timeout=20_000)

    whole.thaw_all()
    expect(traffic(page, "users").locator("[data-figure=note]")).to_have_text("", timeout=20_000)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_nobody_but_staff_gets_the_figures(anonymous: Client, alice: Persona, staff: Persona, prefix: str) -> None:
    assert failure_of(anonymous.get(f"/{prefix}/stats")) == (401, "not_authenticated")
    assert failure_of(alice.client.get(f"/{prefix}/stats")) == (403, "permission_denied")
    assert staff.client.get(f"/{prefix}/stats").json()["service"] == f"{prefix.removesuffix('s')}-svc"


def test_everybody_sees_the_health_and_no_figures(page: Page, alice: Persona) -> None:
    open_page(page, alice)

    expect(page.get_by_role("form").get_by_role("status")).to_have_text("Only staff see the figures.")
    expect(page.get_by_text("Healthy")).to_have_count(3)
    for prefix in PREFIXES:
        expect(traffic(page, prefix)).to_be_hidden()


def test_a_login_that_has_ended_hides_the_figures(page: Page, staff: Persona) -> None:
    open_page(page, staff)
    expect(traffic(page)).to_be_visible()

    page.route("**/tasks/stats", lambda route: route.fulfill(status=401, json={"message": "The token is invalid."}))

    said = page.get_by_role("form").get_by_role("status")
    expect(said).to_have_text("The login has ended; log in again.", timeout=20_000)
    expect(traffic(page, "auth")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_staff_can_read_the_figures_on_every_screen(
    page: Page, staff: Persona, size: ViewportSize, scheme: Literal["light", "dark"]
) -> None:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    open_page(page, staff)
    for prefix in PREFIXES:
        expect(traffic(page, prefix).locator("rect.answered")).to_have_count(15)
        traffic(page, prefix).get_by_text("As a table").click()

    assert_accessible(page)
    assert_fits(page)
    expect(traffic(page).get_by_role("img", name="Requests per second by the minute, at most")).to_be_visible()
