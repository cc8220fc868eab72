"""One JSON object a line on standard output, each with its request's id; or text for somebody who reads along."""

from __future__ import annotations

import json
import logging
import select
from contextvars import ContextVar
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.utils.log import CallbackFilter

from chassis import tracing

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "server"}

# Stands where a field of a line was cut.
CUT = " ... "
# The standard library's JSON writes any text and any number, where orjson would lose the line.
_encode = json.JSONEncoder(default=str, skipkeys=True).encode


class JSONFormatter(logging.Formatter):
    """Format a record as JSON: time (RFC 3339, UTC), level, logger, message, request_id, and its extras."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC)
        entry: dict[str, Any] = {
            "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "service": self.service,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id.get(),
        }
        entry |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return bounded(entry)


class TextFormatter(logging.Formatter):
    """Format a record as text: one line, whatever a client has put into it, and the traceback below."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # The name that logging calls.
        text = super().formatMessage(record)
        return "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def bounded(entry: dict[str, Any]) -> str:
    """Return the line for an entry, whose longest fields are cut until it fits: a traceback from its start.

    All processes of a service write to one pipe, which keeps lines of up to PIPE_BUF bytes whole (pipe(7)).
    """
    line = _encode(entry)
    # Encoded, a line is ASCII; it ends with a line feed.
    while len(line) >= select.PIPE_BUF:
        longest = max(entry, key=lambda name: len(_encode(entry[name])))
        text = str(entry[longest])
        half = len(text) // 2
        entry[longest] = f"{CUT}{text[-half:]}" if longest == "exception" else f"{text[:half]}{CUT}"
        line = _encode(entry)
    return line


def is_not_a_slow_client(record: logging.LogRecord) -> bool:
    """Drop gunicorn's tracebacks about a client that sends or reads nothing for a while: anybody could cause them."""
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


def configuration(service: str, level: str = "INFO", form: str = "json") -> dict[str, Any]:
    """Return Django's LOGGING for a service; `form` names a formatter."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "tracebacks": {"()": CallbackFilter, "callback": attrgetter("exc_info")},
            "no_slow_clients": {"()": CallbackFilter, "callback": is_not_a_slow_client},
            # Named, so that it is imported only where it is used.
            **({"span_ids": {"()": "chassis.spans.SpanIds"}} if tracing.ENABLED else {}),
        },
        "formatters": {
            "json": {"()": JSONFormatter, "service": service},
            "text": {
                "()": TextFormatter,
                "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s",
                "datefmt": "%H:%M:%S",
            },
        },
        "handlers": {
            # Also the handler has the level: psycopg's own logger sets another than the root's.
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": form,
                "filters": ["span_ids"] if tracing.ENABLED else [],
                "level": level,
            }
        },
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {
            # The request log says the status already, with the request's id; only a traceback is news.
            "django.request": {"level": "ERROR", "filters": ["tracebacks"]},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "procrastinate": {"level": "WARNING"},
            # An unavailable collector is one line a batch, not one for each attempt.
            "opentelemetry": {"level": "ERROR"},
            # Without the handler that gunicorn gives it, whose lines are not JSON.
            "gunicorn.error": {
                "level": "WARNING",
                "handlers": [],
                "filters": ["no_slow_clients"],
                "propagate": True,
            },
            "django": {"handlers": [], "propagate": True},
        },
    }
