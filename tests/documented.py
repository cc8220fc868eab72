"""What the merged OpenAPI document says of an answer."""

from __future__ import annotations

import json
import re
from typing import Any

from local.openapi import FILE

DOCUMENT: dict[str, Any] = json.loads(FILE.read_text())
ADDRESSES = [
    (re.compile(path.replace("{id}", "[0-9a-fA-F-]{36}") + "/?"), each) for path, each in DOCUMENT["paths"].items()
]


def codes(method: str, path: str, status: int) -> list[str] | None:
    """Return the codes that an operation documents for a status; None if there is no such operation."""
    for address, methods in ADDRESSES:
        operation = methods.get("get" if method == "HEAD" else method.lower())
        if operation and address.fullmatch(path):
            answer = follow(operation["responses"].get(str(status), {}))
            schema = answer.get("content", {"application/json": {"schema": {}}})["application/json"]["schema"]
            for name in ("error", "code"):
                schema = follow(schema).get("properties", {}).get(name, {})
            return list(follow(schema).get("enum", []))
    return None


def follow(value: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference refers to, or else the value itself."""
    if "$ref" not in value:
        return value
    found = DOCUMENT
    for name in value["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def assert_documented(method: str, path: str, status: int, code: str | None) -> None:
    """Check that an operation may fail with this code."""
    documented = codes(method, path, status)
    assert documented is None or code in documented, (
        f"{method} {path} answered {status} {code}, which is not documented."
    )
