"""Conditional requests (RFC 9110, section 13): a writer says which version it has seen, a reader which it holds."""

from __future__ import annotations

import re
from typing import Any

from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.request import Request

from chassis.schema import header

IF_MATCH = header("If-Match", "The ETag of the version to change, in its quotes; anything newer is a 412.")
IF_NONE_MATCH = header("If-None-Match", "The ETag of the version you hold; if it is current the answer is a 304.")
# RFC 9110, section 8.8.3.
ENTITY_TAG = re.compile(r'(?:W/)?"[^"]*"')


class PreconditionFailed(APIException):
    """The row has changed since the version that the request names in If-Match."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "It has changed since; the current tag is in ETag and in details."
    default_code = "precondition_failed"

    def __init__(self, etag: str) -> None:
        super().__init__()
        self.headers = {"ETag": etag}
        self.details: dict[str, Any] = {"etag": [etag]}


class TagNotQuoted(ValidationError):
    """If-Match holds something else than entity tags."""

    def __init__(self, given: str) -> None:
        words = [word.strip(' \t"') for word in given.split(",")]
        tags = ", ".join(f'"{word}"' for word in words if word) or '"1"'
        super().__init__({"If-Match": [f"Write the tag in quotes, as ETag has it: If-Match: {tags}."]})


def check_if_match(request: Request, etag: str) -> None:
    """Raise PreconditionFailed unless If-Match is absent, `*`, or names this strong tag; or TagNotQuoted."""
    given = request.headers.get("If-Match")
    if given is None or given.strip() == "*":
        return
    tags = ENTITY_TAG.findall(given)
    if not tags or ENTITY_TAG.sub("", given).strip(" \t,"):
        raise TagNotQuoted(given)
    if etag not in tags:
        raise PreconditionFailed(etag)


def is_not_modified(request: Request, etag: str) -> bool:
    """Return whether If-None-Match names this tag; weak comparison (RFC 9110, section 13.1.2)."""
    given = request.headers.get("If-None-Match")
    if given is None:
        return False
    return given.strip() == "*" or etag in {tag.removeprefix("W/") for tag in ENTITY_TAG.findall(given)}
