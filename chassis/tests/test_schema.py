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
    assert operation_in(document, "get", "/notes")["security"] == []


def test_who_authorizes_on_the_page_is_told_what_to_paste(document: dict[str, Any]) -> None:
    scheme = document["components"]["securitySchemes"]["bearer"]

    assert (scheme["type"], scheme["scheme"], scheme["bearerFormat"]) == ("http", "bearer", "JWT")
    assert scheme["description"].startswith("Paste the `access_token` that `POST /auth/login` answers with")


def test_an_operation_has_its_own_words(document: dict[str, Any]) -> None:
    listing = operation_in(document, "get", "/notes")

    assert (listing["summary"], listing["description"]) == ("List notes", "All of them, in pages.")
    assert (listing["operationId"], listing["tags"]) == ("listNotes", ["notes"])
    assert operation_in(document, "get", "/notes/{id}")["description"] == "One note."


def test_an_operation_without_words_is_named_after_its_view(document: dict[str, Any]) -> None:
    showing = operation_in(document, "get", "/notes/{id}")

    assert (showing["operationId"], showing["tags"]) == ("getNote", ["notes"])


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


def schema_of(document: dict[str, Any], reference: dict[str, str]) -> dict[str, Any]:
    schema: dict[str, Any] = document["components"]["schemas"][reference["$ref"].rpartition("/")[2]]
    return schema


def test_a_list_is_a_named_page(document: dict[str, Any]) -> None:
    page = body_of(operation_in(document, "get", "/notes"), "200")
    assert page == {"$ref": "#/components/schemas/NotePage"}

    schema = schema_of(document, page)
    assert schema["required"] == ["success", "message", "data", "error", "meta"]
    assert schema["properties"]["data"] == {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}
    assert schema_of(document, schema["properties"]["meta"])["required"] == ["next", "next_cursor", "page_size"]


def test_a_success_is_a_named_envelope(document: dict[str, Any]) -> None:
    envelope = body_of(operation_in(document, "get", "/notes/{id}"), "200")
    assert envelope == {"$ref": "#/components/schemas/NoteEnvelope"}

    schema = schema_of(document, envelope)
    assert schema["required"] == ["success", "message", "data", "error"]
    assert schema["properties"]["data"] == {"$ref": "#/components/schemas/Note"}
    assert schema["properties"]["error"] == {"type": "null"}


def test_an_answer_has_all_of_its_fields(document: dict[str, Any]) -> None:
    note = document["components"]["schemas"]["Note"]

    assert note["required"] == sorted(note["properties"])


def test_what_null_clears_is_never_null_in_an_answer(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    assert schemas["PatchedClearableNoteRequest"]["properties"]["rank"]["type"] == ["integer", "null"]
    assert schemas["ClearableNote"]["properties"]["rank"]["type"] == "integer"


def test_an_example_is_enveloped_too(document: dict[str, Any]) -> None:
    answer = operation_in(document, "get", "/notes")["responses"]["200"]["content"]["application/json"]

    (example,) = answer["examples"].values()
    assert example["value"]["message"] == "Notes found."
    assert example["value"]["data"] == [{"title": "a"}]
    assert example["value"]["meta"] == {"next": None, "next_cursor": None, "page_size": 50}


def test_a_bare_success_is_the_data(document: dict[str, Any]) -> None:
    assert body_of(operation_in(document, "get", "/bare-notes/{id}"), "200") == {"$ref": "#/components/schemas/Note"}
    deleted = operation_in(document, "delete", "/bare-notes/{id}")["responses"]["204"]
    assert (deleted["description"], "content" in deleted) == ("No Content", False)


def test_an_enveloped_answer_without_data_is_still_enveloped(document: dict[str, Any]) -> None:
    answer = operation_in(document, "delete", "/notes/{id}")["responses"]["200"]["content"]["application/json"]

    assert answer["schema"] == {"$ref": "#/components/schemas/EmptyEnvelope"}
    assert schema_of(document, answer["schema"])["properties"]["data"] == {"type": "null"}
    (example,) = answer["examples"].values()
    assert example["value"] == {"success": True, "message": "OK", "data": None, "error": None}


def test_an_operation_names_what_it_takes_and_gives(document: dict[str, Any]) -> None:
    changing = operation_in(document, "put", "/notes/{id}")
    copying = operation_in(document, "post", "/notes/{id}")

    assert changing["requestBody"]["description"] == "Fields that the schema does not name are ignored."
    assert body_of(changing, "200") == {"$ref": "#/components/schemas/NoteEnvelope"}
    assert "requestBody" not in copying
    assert body_of(copying, "201") == {"$ref": "#/components/schemas/EmptyEnvelope"}
    assert copying["responses"]["304"]["description"] == "Not modified."


def test_a_put_requires_nothing_since_what_is_absent_stays(document: dict[str, Any]) -> None:
    for path in ("/notes/{id}", "/bare-notes/{id}"):
        content = operation_in(document, "put", path)["requestBody"]["content"]
        assert content.keys() == {"application/json"}
        assert "required" not in schema_of(document, content["application/json"]["schema"])


def test_a_patch_is_a_merge_patch_too(document: dict[str, Any]) -> None:
    patching = operation_in(document, "patch", "/bare-notes/{id}")["requestBody"]["content"]

    assert patching["application/json"]["schema"] == patching["application/merge-patch+json"]["schema"]


def test_a_delete_has_a_body_only_if_it_says_so(document: dict[str, Any]) -> None:
    assert "requestBody" not in operation_in(document, "delete", "/bare-notes/{id}")
    body = operation_in(document, "delete", "/notes/{id}")["requestBody"]
    assert body["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/NewNoteRequest"}
    assert body["required"] is True


@pytest.mark.parametrize(
    ("method", "path", "statuses"),
    [
        ("get", "/notes", {"200", "400", "413", "429", "500", "503"}),
        ("get", "/notes/{id}", {"200", "400", "401", "404", "413", "500", "503"}),
        ("put", "/notes/{id}", {"200", "400", "401", "404", "409", "413", "415", "500", "503"}),
        ("post", "/notes/{id}", {"201", "304", "400", "401", "404", "413", "500", "503"}),
        ("get", "/me", {"200", "400", "401", "413", "500", "503"}),
    ],
)
def test_every_refusal_is_documented(document: dict[str, Any], method: str, path: str, statuses: set[str]) -> None:
    assert operation_in(document, method, path)["responses"].keys() == statuses


def test_a_refusal_lists_its_codes_and_shows_each(document: dict[str, Any]) -> None:
    answer = operation_in(document, "put", "/notes/{id}")["responses"]["400"]
    content = answer["content"]["application/json"]
    failure = schema_of(document, content["schema"])
    error = schema_of(document, failure["properties"]["error"])

    assert answer["description"] == "Bad Request: bad_request, malformed_json, validation_error"
    assert schema_of(document, error["properties"]["code"])["enum"] == [
        "bad_request",
        "malformed_json",
        "validation_error",
    ]
    assert (error["required"], "fields" in error["properties"]) == (["code", "details"], True)
    assert {name: each["value"]["error"]["code"] for name, each in content["examples"].items()} == {
        "bad_request": "bad_request",
        "malformed_json": "malformed_json",
        "validation_error": "validation_error",
    }


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("get", "/notes", "200", {"X-Request-ID", "Link"}),
        ("get", "/notes", "429", {"X-Request-ID", "Retry-After"}),
        ("post", "/notes/{id}", "201", {"X-Request-ID", "ETag", "Location"}),
        ("put", "/notes/{id}", "401", {"X-Request-ID", "WWW-Authenticate"}),
        ("put", "/notes/{id}", "409", {"X-Request-ID"}),
        ("put", "/notes/{id}", "503", {"X-Request-ID", "Retry-After"}),
        ("put", "/bare-notes/{id}", "412", {"X-Request-ID", "ETag"}),
    ],
)
def test_every_answer_declares_its_headers(
    document: dict[str, Any], method: str, path: str, status: str, headers: set[str]
) -> None:
    assert operation_in(document, method, path)["responses"][status]["headers"].keys() == headers


def test_health_is_in_no_schema(document: dict[str, Any]) -> None:
    assert not [path for path in document["paths"] if "health" in path]
