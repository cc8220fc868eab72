"""OpenAPI's links: what a POST has made is read, changed and deleted by the id in its answer."""

from __future__ import annotations

from typing import Any


def add_links(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """Link each POST whose answer has an id to the operations of its path and `/{id}`; a hook of spectacular."""
    for path, methods in result["paths"].items():
        of_one = result["paths"].get(f"{path}/{{id}}")
        created = methods.get("post", {"responses": {}})["responses"].get("201")
        if of_one and created:
            place = f"$response.body#{place_of_id(created, result['components']['schemas'])}"
            created["links"] = {
                operation["operationId"]: {"operationId": operation["operationId"], "parameters": {"id": place}}
                for operation in of_one.values()
            }
    return result


def place_of_id(answer: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Return a pointer to the id in an answer, enveloped or bare (RFC 6901)."""
    name = answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return "/data/id" if "data" in schemas[name]["properties"] else "/id"
