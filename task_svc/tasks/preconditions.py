"""Conditional requests (RFC 9110, section 13): a writer says which version it has seen, a reader which it holds."""

from __future__ import annotations

from typing import Any

from django.utils.http import parse_etags
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request


class PreconditionFailed(APIException):
    """The task has changed since the version that the request names in If-Match."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "The task has changed; the current tag is in ETag and in details."
    default_code = "precondition_failed"

    def __init__(self, etag: str) -> None:
        super().__init__()
        self.headers = {"ETag": etag}
        self.details: dict[str, Any] = {"etag": [etag]}


def check_if_match(request: Request, etag: str) -> None:
    """Raise PreconditionFailed unless If-Match is absent, `*`, or names this strong tag."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return
    if etag not in parse_etags(given):
        raise PreconditionFailed(etag)


def is_not_modified(request: Request, etag: str) -> bool:
    """Tell whether If-None-Match names this tag; weak comparison (RFC 9110, section 13.1.2)."""
    given = request.headers.get("If-None-Match")
    if given is None:
        return False
    return given.strip() == "*" or etag in {tag.removeprefix("W/") for tag in parse_etags(given)}
