from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from logging.config import dictConfig
from typing import Any

import pytest
from chassis.logging import CUT, JSONFormatter, configuration, request_id


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
def log_as_a_service() -> Iterator[Callable[..., None]]:
    """Return what configures logging, to be called within the test: only there is standard output captured."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield lambda form="json": dictConfig(configuration("task-svc", "WARNING", form))
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_service_logs_to_standard_output(
    capsys: pytest.CaptureFixture[str], log_as_a_service: Callable[[], None]
) -> None:
    log_as_a_service()
    logging.getLogger("thing").info("too small")
    logging.getLogger("thing").warning("seen")
    logging.getLogger("django.request").warning("said by the request log already")
    logging.getLogger("django.security.DisallowedHost").error("anybody may cause this")

    assert [json.loads(line)["message"] for line in capsys.readouterr().out.splitlines()] == ["seen"]


def test_a_reader_sees_tracebacks_as_python_writes_them(
    capsys: pytest.CaptureFixture[str], log_as_a_service: Callable[..., None]
) -> None:
    log_as_a_service(form="text")
    logging.getLogger("thing").error("failed", exc_info=RuntimeError("gone"))

    line, *_, last = capsys.readouterr().out.splitlines()
    assert line.endswith(" ERROR thing: failed")
    assert last == "RuntimeError: gone"


def test_no_text_of_a_client_makes_a_line_of_its_own(
    capsys: pytest.CaptureFixture[str], log_as_a_service: Callable[..., None]
) -> None:
    log_as_a_service(form="text")
    logging.getLogger("thing").warning("GET /é\n12:00:00 INFO thing: all is well\r\x1b[2J\u2028 404")

    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith(r"GET /é\n12:00:00 INFO thing: all is well\r\x1b[2J\u2028 404")


def test_threads_write_whole_lines(capsys: pytest.CaptureFixture[str], log_as_a_service: Callable[[], None]) -> None:
    log_as_a_service()
    logger = logging.getLogger("thing")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(logger.warning, [f"{number:>3000}" for number in range(200)]))

    numbers = [int(json.loads(line)["message"]) for line in capsys.readouterr().out.splitlines()]
    assert sorted(numbers) == list(range(200))


WRITE = """
import logging, sys
from logging.config import dictConfig
from chassis.logging import configuration
dictConfig(configuration("task-svc"))
for number in range(100):
    logging.getLogger("thing").info("%s", sys.argv[1] * 20_000)
"""


def test_processes_that_share_a_pipe_write_whole_lines() -> None:
    read, write = os.pipe()
    writers = [subprocess.Popen([sys.executable, "-uc", WRITE, each], stdout=write) for each in "abcd"]
    os.close(write)
    with open(read) as lines:
        messages = [json.loads(line)["message"].removesuffix(CUT) for line in lines]
    assert [writer.wait(30) for writer in writers] == [0, 0, 0, 0]

    assert len(messages) == 400
    assert all(len(message) > 1000 and len(set(message)) == 1 for message in messages)


def test_a_long_line_is_cut_and_says_so() -> None:
    line = line_of("%s", "é" * 5000, path="short")

    assert len(json.dumps(line)) < select.PIPE_BUF
    assert line["message"].startswith("éé")
    assert line["message"].endswith(CUT)
    assert line["path"] == "short"


def test_a_long_traceback_keeps_its_end() -> None:
    try:
        raise RuntimeError("x" * 5000 + " the reason")
    except RuntimeError:
        record = logging.getLogger("thing").makeRecord("thing", 40, "file.py", 1, "failed", (), sys.exc_info())

    line = json.loads(JSONFormatter("task-svc").format(record))

    assert line["exception"].startswith(CUT)
    assert line["exception"].endswith("the reason")
    assert line["message"] == "failed"


def test_a_client_that_is_slow_writes_no_traceback(
    capsys: pytest.CaptureFixture[str], log_as_a_service: Callable[[], None]
) -> None:
    log_as_a_service()
    for error in (BlockingIOError(), OSError("of the disk")):
        logging.getLogger("gunicorn.error").error("Socket error processing request.", exc_info=error)

    assert ["of the disk" in line for line in capsys.readouterr().out.splitlines()] == [True]
