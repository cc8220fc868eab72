"""The OpenAPI 3.1 schemas of answers: envelopes, pages, failures with their codes, headers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework.exceptions import APIException, ValidationError

from chassis import contracts
from chassis.exceptions import code_of

MESSAGE = {"type": "string", "description": "For people."}
META = {
    "type": "object",
    "description": "Where a page ends.",
    "properties": {
        "next": {"type": ["string", "null"], "format": "uri", "description": "The URL of the next page."},
        "next_cursor": {"type": ["string", "null"], "description": "The `cursor` of the next page."},
        "page_size": {"type": "integer", "minimum": 1, "maximum": 100},
    },
    "required": ["next", "next_cursor", "page_size"],
}
META_EXAMPLE = {"next": None, "next_cursor": None, "page_size": 50}
FIELD_ERROR = {
    "type": "object",
    "description": "What is wrong with one field.",
    "properties": {
        "field": {"type": "string", "description": "Its path, such as `title` or `99.labels.1`."},
        "code": {"type": "string", "description": "A stable snake_case word for programs, such as `required`."},
    },
    "required": ["field", "code"],
}
_messages = {"type": "array", "items": {"type": "string"}}
DETAILS = {
    "type": ["object", "null"],
    "description": "Messages by field; for a list of objects, by position and field.",
    "additionalProperties": {"anyOf": [_messages, {"type": "object", "additionalProperties": _messages}]},
}


def _header(description: str, *, required: bool = False, **schema: Any) -> dict[str, Any]:
    return {"description": description, "required": required, "schema": {"type": "string", **schema}}


HEADERS = {
    "ETag": _header("The version of what the body shows, in quotes, for If-Match and If-None-Match.", required=True),
    "Idempotency-Replayed": _header("`true` where an earlier request with the same key has been answered already."),
    "Link": _header('The next page: `<...>; rel="next"`. The last page has none.'),
    "Location": _header("Where to find what was made.", required=True, format="uri-reference"),
    "Retry-After": _header("The seconds to wait.", pattern="^[0-9]+$"),
    "WWW-Authenticate": _header("How to authenticate (RFC 6750).", required=True),
    "X-Request-ID": _header("The request's id, as in every line of the logs.", required=True),
}


def success(data: dict[str, Any] | None, *, is_page: bool) -> tuple[str, dict[str, Any]]:
    """Return the name and the schema of the envelope around data, such as TaskEnvelope or TaskPage."""
    data = data or {"type": "null"}
    reference = str(data.get("$ref") or data.get("items", {}).get("$ref") or "Empty")
    kind = "Page" if is_page else "ListEnvelope" if "items" in data else "Envelope"
    properties = {
        "success": {"type": "boolean", "const": True},
        "message": MESSAGE,
        "data": data,
        "error": {"type": "null"},
    }
    if is_page:
        properties["meta"] = {"$ref": "#/components/schemas/Meta"}
    return reference.rpartition("/")[2] + kind, _object(properties)


def failure(codes: list[str], *, has_fields: bool) -> dict[str, dict[str, Any]]:
    """Return the schemas of a failure with one of these codes, by their names; that of the failure is the last."""
    name = "".join(word.capitalize() for code in codes for word in code.split("_"))
    code = {"type": "string", "enum": codes, "description": "A stable word for programs."}
    error = _object({"code": {"$ref": f"#/components/schemas/{name}Code"}, "details": DETAILS})
    schemas: dict[str, dict[str, Any]] = {f"{name}Code": code, f"{name}Error": error}
    if has_fields:
        schemas["FieldError"] = FIELD_ERROR
        error["properties"]["fields"] = {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}}
    properties = {
        "success": {"type": "boolean", "const": False},
        "message": MESSAGE,
        "data": {"type": "null"},
        "error": {"$ref": f"#/components/schemas/{name}Error"},
        "request_id": {
            "type": ["string", "null"],
            "description": "Also in X-Request-ID and in every line of the logs.",
        },
    }
    schemas[f"{name}Failure"] = _object(properties)
    return schemas


def have_fields(errors: Iterable[type[APIException]]) -> bool:
    """Return whether one of the exceptions names fields."""
    return any(issubclass(error, ValidationError) for error in errors)


def failure_example(error: type[APIException]) -> dict[str, Any]:
    """Return what a failure looks like."""
    code, request_id = code_of(error), "8b3f0c9e4d7a4d5fb6f1c2a0e9d8c7b6"
    if issubclass(error, ValidationError):
        details = {"field": ["What is wrong with it."]}
        body = contracts.failure(code, "The request is not valid: field.", details, request_id)
        body["error"]["fields"] = [{"field": "field", "code": error.default_code}]
        return body
    return contracts.failure(code, str(error.default_detail), None, request_id)


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}
