from __future__ import annotations

import re

import pytest
from chassis.logging import request_id
from chassis.testing import JSONClient, failure_of

from tests.conftest import LogLines


@pytest.mark.parametrize("given", ["abc-123", "A.b_c", "a", "a" * 64])
def test_a_well_formed_request_id_is_kept(client: JSONClient, given: str) -> None:
    response = client.get("/page", headers={"X-Request-ID": given})

    assert response.headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", " ", "a b", "a" * 65, "a\n", "a;b", '"a"', "é", "²", "a\0"])
def test_an_odd_request_id_is_replaced(client: JSONClient, given: str) -> None:
    response = client.get("/page", headers={"X-Request-ID": given})

    assert re.fullmatch("[0-9a-f]{32}", response.headers["X-Request-ID"])


def test_each_request_has_its_own_id(client: JSONClient) -> None:
    assert client.get("/page").headers["X-Request-ID"] != client.get("/page").headers["X-Request-ID"]
    assert request_id.get() is None


@pytest.mark.parametrize("path", ["/nowhere", "/fails/crash", "/plain/crash", "/health/live", "/stream"])
def test_every_answer_has_the_request_id(client: JSONClient, path: str) -> None:
    assert client.get(path, headers={"X-Request-ID": "abc"}).headers["X-Request-ID"] == "abc"


def test_a_request_is_one_line_of_the_log_without_its_query(client: JSONClient, log_lines: LogLines) -> None:
    client.post("/echo?token=private", {"password": "private"}, headers={"X-Request-ID": "abc", "Cookie": "a=private"})

    written = log_lines.read()
    (line,) = log_lines
    assert line["message"] == "POST /echo 201"
    assert (line["level"], line["logger"], line["service"]) == ("INFO", "chassis.request", "chassis")
    assert line["request_id"] == "abc"
    assert line["duration_ms"] >= 0
    assert "private" not in written


def test_an_outage_is_one_line_of_the_log(client: JSONClient, log_lines: LogLines) -> None:
    client.get("/fails/unavailable", headers={"X-Request-ID": "abc"})

    log_lines.read()
    assert [(line["message"], line["request_id"]) for line in log_lines] == [("GET /fails/unavailable 503", "abc")]


def test_a_line_break_in_a_path_does_not_break_the_log(client: JSONClient, log_lines: LogLines) -> None:
    client.get("/a%0a%7b%22level%22:%22ERROR%22%7d")

    log_lines.read()
    assert [line["level"] for line in log_lines] == ["INFO"]


@pytest.mark.parametrize(
    ("path", "length"),
    [("/page", "5"), ("/sized", "3"), ("/stream", None), ("/status/204", None), ("/status/304", None)],
)
def test_an_answer_says_how_long_it_is_where_it_may(client: JSONClient, path: str, length: str | None) -> None:
    assert client.get(path).headers.get("Content-Length") == length


def test_a_304_keeps_its_tag_and_has_no_body(client: JSONClient) -> None:
    response = client.get("/status/304")

    assert (response.headers["ETag"], response.content) == ('"1"', b"")


@pytest.mark.parametrize("path", ["/page", "/page/"])
def test_a_trailing_slash_is_tolerated(client: JSONClient, path: str) -> None:
    response = client.get(path)

    assert (response.status_code, response.content) == (200, b"/page")


def test_a_write_with_a_trailing_slash_is_not_redirected(client: JSONClient) -> None:
    response = client.post("/echo/?a=1", {"a": 1})

    assert (response.status_code, response.json()["data"]) == (201, {"a": 1})


def test_a_url_that_ends_in_a_slash_is_read_as_it_is(client: JSONClient) -> None:
    assert client.get("/folder/").content == b"/folder/"
    assert failure_of(client.get("/folder")) == (404, "not_found")


@pytest.mark.parametrize("path", ["/", "//", "/nowhere/", "/page//"])
def test_a_slash_too_many_is_a_404(client: JSONClient, path: str) -> None:
    assert failure_of(client.get(path)) == (404, "not_found")
