"""Reading JSON bodies strictly (RFC 8259): no NaN, no lone surrogates, no nesting without end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import orjson
from rest_framework.parsers import BaseParser

from chassis.exceptions import MalformedJSON

MAX_DEPTH = 20


class JSONParser(BaseParser):
    """Parse a JSON body with orjson; an empty body is an empty object."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        body = stream.read()
        try:
            data = orjson.loads(body) if body else {}
        except orjson.JSONDecodeError as error:
            raise MalformedJSON(f"The body is not valid JSON: {error}") from error
        _check_depth(data, MAX_DEPTH)
        return data


class MergePatchParser(JSONParser):
    """Parse a JSON Merge Patch (RFC 7396): a PATCH here is one, whatever it is called."""

    media_type = "application/merge-patch+json"


def _check_depth(data: Any, left: int) -> None:
    """Refuse what orjson reads but neither it nor Python's repr, in a message about a wrong value, can write."""
    if not left:
        raise MalformedJSON(f"The body is nested more than {MAX_DEPTH} levels deep.")
    for child in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        if isinstance(child, (dict, list)):
            _check_depth(child, left - 1)
