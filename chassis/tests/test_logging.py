from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from logging.config import dictConfig
from typing import Any

import pytest
from chassis.logging import JSONFormatter, configuration, request_id


def line_of(message: str = "hello", *arguments: Any, level: int = logging.INFO, **extra: Any) -> dict[str, Any]:
    """Format a record; return the line that it makes, parsed."""
    record = logging.getLogger("thing").makeRecord("thing", level, "file.py", 1, message, arguments, None, extra=extra)
    text = JSONFormatter("task-svc").format(record)
    assert "\n" not in text
    line: dict[str, Any] = json.loads(text)
    return line


def test_a_line_says_when_where_and_what() -> None:
    before = datetime.now(UTC)

    line = line_of("%s of %d", "one", 2, level=logging.WARNING)

    assert line.keys() == {"time", "level", "service", "logger", "message", "request_id"}
    assert line["time"].endswith("Z")
    assert abs(datetime.fromisoformat(line["time"]) - before).total_seconds() < 5
    assert (line["level"], line["service"], line["logger"]) == ("WARNING", "task-svc", "thing")
    assert line["message"] == "one of 2"


def test_a_line_belongs_to_its_request() -> None:
    assert line_of()["request_id"] is None

    given = request_id.set("abc")
    assert line_of()["request_id"] == "abc"
    request_id.reset(given)


def test_extras_are_fields_of_the_line() -> None:
    line = line_of(count=3, when=datetime(2026, 1, 1, tzinfo=UTC), request="not this", server="nor this")

    assert line["count"] == 3
    assert line["when"].startswith("2026-01-01")
    assert "request" not in line
    assert "server" not in line


@pytest.mark.parametrize(
    "value", [2**70, "lone \ud800 surrogate", {1: "a", ("b",): "c"}, {"a", "b"}, object(), b"\xff", "a\nb"], ids=repr
)
def test_no_value_loses_a_line(value: object) -> None:
    line = line_of("%s", value, value=value)

    assert "value" in line


def test_an_exception_is_one_field() -> None:
    try:
        raise RuntimeError("gone")
    except RuntimeError:
        record = logging.getLogger("thing").makeRecord("thing", 40, "file.py", 1, "failed", (), sys.exc_info())

    line = json.loads(JSONFormatter("task-svc").format(record))

    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("RuntimeError: gone")


def test_a_service_logs_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        dictConfig(configuration("task-svc", "WARNING"))
        logging.getLogger("thing").info("too small")
        logging.getLogger("thing").warning("seen")
        logging.getLogger("django.request").warning("said by the request log already")
        logging.getLogger("django.security.DisallowedHost").error("anybody may cause this")
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)

    assert [json.loads(line)["message"] for line in capsys.readouterr().out.splitlines()] == ["seen"]
