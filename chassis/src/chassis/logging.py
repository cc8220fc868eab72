"""One JSON object a line on standard output, each with the id of the request that it belongs to."""

from __future__ import annotations

import json
import logging
import os
from contextvars import ContextVar
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from django.utils.log import CallbackFilter

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "server"}

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
        return _encode(entry)


class LineHandler(logging.Handler):
    """Writes each record to standard output with one system call, which keeps lines whole without a lock.

    Threads would queue for the lock: whoever holds it has to win the interpreter back after its write.
    """

    def handle(self, record: logging.LogRecord) -> bool:
        accepted = bool(self.filter(record))
        if accepted:
            self.emit(record)
        return accepted

    def emit(self, record: logging.LogRecord) -> None:
        try:
            os.write(1, f"{self.format(record)}\n".encode())
        except Exception:  # noqa: BLE001  # As in every handler: what cannot be logged fails no request.
            self.handleError(record)


def configuration(service: str, level: str = "INFO") -> dict[str, Any]:
    """Return Django's LOGGING for a service."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"tracebacks": {"()": CallbackFilter, "callback": attrgetter("exc_info")}},
        "formatters": {"json": {"()": JSONFormatter, "service": service}},
        "handlers": {
            # Also the handler has the level: psycopg's own logger sets another than the root's.
            "stdout": {
                "class": "chassis.logging.LineHandler",
                "formatter": "json",
                "level": level,
            }
        },
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {
            # The request log says the status already, with the request's id; only a traceback is news.
            "django.request": {"level": "ERROR", "filters": ["tracebacks"]},
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "procrastinate": {"level": "WARNING"},
            "django": {"handlers": [], "propagate": True},
        },
    }
