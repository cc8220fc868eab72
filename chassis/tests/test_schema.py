from __future__ import annotations

from typing import Any

import pytest
from chassis.pages import api_document


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The OpenAPI document of the tests' own views."""
    return api_document()


def operation_in(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    operation: dict[str, Any] = document["paths"][path][method]
    return operation


def body_of(operation: dict[str, Any], status: str) -> dict[str, Any]:
    schema: dict[str, Any] = operation["responses"][status]["content"]["application/json"]["schema"]
    return schema


def test_a_view_that_asks_for_a_token_says_so(document: dict[str, Any]) -> None:
    assert operation_in(document, "get", "/notes/{id}")["security"] == [{"bearer": []}]
    assert operation_in(document, "get", "/notes")["security"] == [{}]
    assert document["components"]["securitySchemes"] == {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }


def test_an_operation_has_its_own_words(document: dict[str, Any]) -> None:
    listing = operation_in(document, "get", "/notes")

    assert (listing["summary"], listing["description"]) == ("List notes", "All of them, in pages.")
    assert (listing["operationId"], listing["tags"]) == ("note_list_get", ["views"])
    assert operation_in(document, "get", "/notes/{id}")["description"] == "One note."


def test_a_list_documents_its_query_and_headers(document: dict[str, Any]) -> None:
    parameters = {each["name"]: each for each in operation_in(document, "get", "/notes")["parameters"]}

    assert parameters.keys() == {"cursor", "ordering", "page_size", "X-Colour"}
    assert parameters["page_size"]["schema"] | {"description": ""} == {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
        "default": 50,
        "description": "",
    }
    assert (parameters["X-Colour"]["in"], parameters["X-Colour"]["description"]) == ("header", "Which colour.")


def test_a_success_is_enveloped_with_meta_for_lists_only(document: dict[str, Any]) -> None:
    listing = body_of(operation_in(document, "get", "/notes"), "200")
    showing = body_of(operation_in(document, "get", "/notes/{id}"), "200")

    assert listing["required"] == ["success", "message", "data", "error", "meta"]
    assert listing["properties"]["meta"]["required"] == ["next", "page_size"]
    assert showing["required"] == ["success", "message", "data", "error"]
    assert showing["properties"]["data"] == {"$ref": "#/components/schemas/Note"}


def test_an_example_is_enveloped_too(document: dict[str, Any]) -> None:
    answer = operation_in(document, "get", "/notes")["responses"]["200"]["content"]["application/json"]

    (example,) = answer["examples"].values()
    assert example["value"]["message"] == "Notes found."
    assert example["value"]["data"] == [{"title": "a"}]


def test_a_bare_success_is_the_data(document: dict[str, Any]) -> None:
    assert body_of(operation_in(document, "get", "/bare-notes/{id}"), "200") == {"$ref": "#/components/schemas/Note"}
    deleting = operation_in(document, "delete", "/bare-notes/{id}")
    assert deleting["responses"]["204"] == {"description": "No Content"}


def test_an_enveloped_answer_without_data_is_still_enveloped(document: dict[str, Any]) -> None:
    deleting = body_of(operation_in(document, "delete", "/notes/{id}"), "200")

    assert deleting["properties"]["data"] == {"nullable": True}


def test_an_operation_names_what_it_takes_and_gives(document: dict[str, Any]) -> None:
    changing = operation_in(document, "put", "/notes/{id}")
    copying = operation_in(document, "post", "/notes/{id}")

    assert changing["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NewNote"}
    assert body_of(changing, "200")["properties"]["data"] == {"$ref": "#/components/schemas/Note"}
    assert "requestBody" not in copying
    assert body_of(copying, "201")["properties"]["data"] == {"nullable": True}
    assert copying["responses"]["304"] == {"description": "Not modified."}


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/notes", {"200", "400", "429", "503"}),
        ("get", "/notes/{id}", {"200", "401", "404", "503"}),
        ("put", "/notes/{id}", {"200", "400", "401", "404", "409", "413", "415", "503"}),
        ("post", "/notes/{id}", {"201", "304", "400", "401", "404", "413", "415", "503"}),
        ("get", "/me", {"200", "401", "503"}),
    ],
)
def test_every_refusal_is_documented(document: dict[str, Any], method: str, path: str, statuses: set[str]) -> None:
    operation = operation_in(document, method, path)

    assert operation["responses"].keys() == statuses
    for status in statuses & {"400", "401", "404", "409", "413", "415", "429", "503"}:
        assert body_of(operation, status) == {"$ref": "#/components/schemas/Failure"}


def test_a_refusal_names_its_codes(document: dict[str, Any]) -> None:
    answers = operation_in(document, "put", "/notes/{id}")["responses"]

    assert answers["401"]["description"] == "Unauthorized: not_authenticated, token_invalid"
    assert "validation_error" in answers["400"]["description"]
    assert answers["409"]["description"] == "Conflict: title_taken"


def test_health_is_in_no_schema(document: dict[str, Any]) -> None:
    assert not [path for path in document["paths"] if "health" in path]
