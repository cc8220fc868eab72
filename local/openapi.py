"""The one OpenAPI document of the whole system: gateway/pages/openapi.json, merged from those of the services."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from chassis import VERSION, envelopes
from local import checks
from local.config import BIN
from local.services import ROOT, SERVICES

FILE = ROOT / "gateway" / "pages" / "openapi.json"
SPECTACULAR = ("python", "manage.py", "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json")
# Answers of the gateway itself, to any operation.
OF_THE_GATEWAY = {414: "uri_too_long", 431: "headers_too_large", 502: "bad_gateway", 504: "gateway_timeout"}
DESCRIPTION = (
    "Accounts, tasks and profiles, behind one gateway. Log in with `POST /auth/login` and send the token. Each answer "
    "lists its `error.code`s; what else keeps the gateway from answering, with any other status, is `gateway_error`."
)
LICENSE = {"name": "MIT", "identifier": "MIT"}


def documents() -> list[dict[str, Any]]:
    """Return the documents of the services, made from their code."""
    made = []
    for service in SERVICES:
        command = [str(BIN / SPECTACULAR[0]), *SPECTACULAR[1:]]
        output = subprocess.run(
            command, cwd=service.directory, env=checks.environment(), stdout=subprocess.PIPE, check=True
        )
        made.append(json.loads(output.stdout))
    return made


def merge(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return one document; raise ValueError where two parts mean different things by one name."""
    merged: dict[str, Any] = {
        "openapi": "3.1.1",
        "info": {"title": "Task manager", "version": VERSION, "description": DESCRIPTION, "license": LICENSE},
        "servers": [{"url": "/", "description": "This system"}],
        "tags": [],
        "paths": {},
        "components": {"schemas": {}, "securitySchemes": {}, "responses": {}},
    }
    for part in parts:
        merged["tags"] += part["tags"]
        add(merged["paths"], part["paths"])
        for kind in ("schemas", "securitySchemes"):
            add(merged["components"][kind], part["components"][kind])
    add_failures_of_the_gateway(merged)
    refuse_repeated_names(merged)
    return merged


def add(whole: dict[str, Any], part: dict[str, Any]) -> None:
    for name, value in part.items():
        if whole.setdefault(name, value) != value:
            raise ValueError(f"Two services mean different things by {name}.")


def add_failures_of_the_gateway(document: dict[str, Any]) -> None:
    for status, code in OF_THE_GATEWAY.items():
        schemas = envelopes.failure([code], has_fields=False)
        add(document["components"]["schemas"], schemas)
        *_, name = schemas
        headers = ["X-Request-ID", "Retry-After"] if status >= 500 else ["X-Request-ID"]
        document["components"]["responses"][name] = {
            "description": f"{HTTPStatus(status).phrase}: {code}",
            "headers": {header: envelopes.HEADERS[header] for header in headers},
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}},
        }
        for operation in operations(document):
            operation["responses"][str(status)] = {"$ref": f"#/components/responses/{name}"}


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def refuse_repeated_names(document: dict[str, Any]) -> None:
    """Raise ValueError for an operationId or a tag that is there twice."""
    for names in (
        [operation["operationId"] for operation in operations(document)],
        [tag["name"] for tag in document["tags"]],
    ):
        repeated = {name for name in names if names.count(name) > 1}
        if repeated:
            raise ValueError(f"There twice: {', '.join(sorted(repeated))}.")


def main(*arguments: str) -> None:
    """Write the document; with --check, only compare it with the file."""
    text = json.dumps(merge(documents()), indent=1, ensure_ascii=False) + "\n"
    if "--check" not in arguments:
        FILE.write_text(text)
    elif not FILE.exists() or FILE.read_text() != text:
        sys.exit(f"{FILE.relative_to(ROOT)} is not what the services say: write it with ./manage_all.sh openapi.")


if __name__ == "__main__":
    main(*sys.argv[1:])
