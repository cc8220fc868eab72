from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from logging.config import dictConfig
from typing import Any
from unittest.mock import Mock

import pytest
from chassis.logging import JSONFormatter, LineHandler, configuration, request_id


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


@pytest.fixture
def _configured() -> Iterator[None]:
    """Log as a service does."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    dictConfig(configuration("task-svc", "WARNING"))
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.usefixtures("_configured")
def test_a_service_logs_to_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    logging.getLogger("thing").info("too small")
    logging.getLogger("thing").warning("seen")
    logging.getLogger("django.request").warning("said by the request log already")
    logging.getLogger("django.security.DisallowedHost").error("anybody may cause this")

    assert [json.loads(line)["message"] for line in capfd.readouterr().out.splitlines()] == ["seen"]


@pytest.mark.usefixtures("_configured")
def test_threads_write_whole_lines(capfd: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("thing")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(logger.warning, [f"{number:>3000}" for number in range(200)]))

    numbers = [int(json.loads(line)["message"]) for line in capfd.readouterr().out.splitlines()]
    assert sorted(numbers) == list(range(200))


def test_a_filter_of_the_handler_holds(capfd: pytest.CaptureFixture[str]) -> None:
    handler = LineHandler()
    handler.addFilter(lambda record: record.msg != "no")

    handled = [handler.handle(logging.makeLogRecord({"msg": message})) for message in ("yes", "no")]

    assert handled == [True, False]
    assert capfd.readouterr().out == "yes\n"


@pytest.mark.usefixtures("_configured")
def test_a_line_that_cannot_be_written_fails_nobody(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.logging.os.write", Mock(side_effect=BrokenPipeError))

    logging.getLogger("thing").warning("lost")

    assert "BrokenPipeError" in capfd.readouterr().err
