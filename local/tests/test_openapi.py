"""The merged OpenAPI document: complete, unambiguous, and with examples that are what it says."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from local import openapi

DOCUMENT: dict[str, Any] = json.loads(openapi.FILE.read_text())
OPERATIONS = {operation["operationId"]: operation for operation in openapi.operations(DOCUMENT)}
ANSWERS = {
    f"{name}-{status}": answer
    for name, operation in OPERATIONS.items()
    for status, answer in operation["responses"].items()
    if "content" in answer
}
PART: dict[str, Any] = {
    "tags": [{"name": "notes"}],
    "paths": {"/notes": {"get": {"operationId": "listNotes", "responses": {}}}},
    "components": {"schemas": {"Note": {"type": "object"}}, "securitySchemes": {}},
}


def problems(schema: dict[str, Any], value: Any) -> list[str]:
    """Return what is wrong with a value of a schema in the document."""
    validator = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    return [error.message for error in validator.iter_errors(value)]


def test_it_has_every_operation_of_the_three_services_under_a_verb() -> None:
    assert {path.split("/")[1] for path in DOCUMENT["paths"]} == {"auth", "tasks", "users"}
    verbs = "list get create update patch delete end change export request reset register login logout refresh validate"
    assert [name for name in OPERATIONS if not name.startswith(tuple(verbs.split()))] == []


def test_every_operation_has_one_tag_that_is_described() -> None:
    described = [tag["name"] for tag in DOCUMENT["tags"] if tag["description"]]

    assert {tag for operation in OPERATIONS.values() for tag in operation["tags"]} == set(described)
    assert all(len(operation["tags"]) == 1 for operation in OPERATIONS.values())


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    text = json.dumps(DOCUMENT)
    used = set(re.findall(r'"#/components/(\w+/\w+)"', text))

    there = {f"{kind}/{name}" for kind, each in DOCUMENT["components"].items() for name in each}
    assert used | {"securitySchemes/bearer"} == there


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_every_answer_has_examples_that_are_valid(answer: dict[str, Any]) -> None:
    for media in answer["content"].values():
        assert media["examples"]
        for example in media["examples"].values():
            assert problems(media["schema"], example["value"]) == []


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_every_example_of_a_body_is_valid(operation: dict[str, Any]) -> None:
    for media in operation.get("requestBody", {"content": {}})["content"].values():
        for example in media.get("examples", {}).values():
            assert problems(media["schema"], example["value"]) == []


def test_every_operation_may_fail_at_the_gateway() -> None:
    for operation in OPERATIONS.values():
        assert operation["responses"].keys() > {"413", "414", "431", "500", "502", "503", "504"}


def test_two_parts_may_have_the_same_component() -> None:
    other = {**deepcopy(PART), "tags": [], "paths": {}}

    assert "Note" in openapi.merge([PART, other])["components"]["schemas"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"components": {"schemas": {"Note": {"type": "string"}}, "securitySchemes": {}}}, "different things by Note"),
        ({"paths": {"/bare-notes": PART["paths"]["/notes"]}, "tags": []}, "There twice: listNotes"),
        ({"paths": {}}, "There twice: notes"),
    ],
    ids=["component", "operationId", "tag"],
)
def test_two_parts_may_not_mean_different_things_by_one_name(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        openapi.merge(deepcopy([PART, {**PART, **change}]))
