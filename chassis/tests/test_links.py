from __future__ import annotations

from typing import Any

import pytest
from chassis.links import add_links


def document(properties: dict[str, Any], status: str = "201", path: str = "/notes/{id}") -> dict[str, Any]:
    """Return a document with a POST, and what may be done with one of what it makes."""
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Note"}}}}
    one = {"get": {"operationId": "getNote"}, "delete": {"operationId": "deleteNote"}}
    return {
        "paths": {"/notes": {"post": {"responses": {status: answer}}}, path: one},
        "components": {"schemas": {"Note": {"properties": properties}}},
    }


@pytest.mark.parametrize(
    ("properties", "place"),
    [({"data": {}, "error": {}}, "$response.body#/data/id"), ({"id": {}, "title": {}}, "$response.body#/id")],
    ids=["enveloped", "bare"],
)
def test_what_is_made_is_linked_to_what_may_be_done_with_it(properties: dict[str, Any], place: str) -> None:
    made = add_links(document(properties))["paths"]["/notes"]["post"]["responses"]["201"]

    assert made["links"] == {
        name: {"operationId": name, "parameters": {"id": place}} for name in ("getNote", "deleteNote")
    }


@pytest.mark.parametrize("given", [document({}, status="200"), document({}, path="/others/{id}")])
def test_nothing_is_linked_that_makes_nothing_or_has_no_address(given: dict[str, Any]) -> None:
    assert "links" not in str(add_links(given))
