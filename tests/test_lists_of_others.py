"""No list leaks by omission: every GET that a document declares shows bob nothing of alice's, a new one too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from local.services import SERVICES
from tests.conftest import Client, Persona, login

WORD = "chrysanthemum"


@pytest.fixture
def of_alice(bob: Persona, alice: Persona) -> list[str]:
    """Give both something of everything; return the ids of what is alice's."""
    for persona, word in ((bob, "daisy"), (alice, WORD)):
        login(persona.email)
        persona.client.post("/users/createprofile", json={"full_name": word}).raise_for_status()
        for _ in range(2):
            task = {"title": word, "description": word, "labels": [word], "due_at": "2030-01-01T00:00:00Z"}
            persona.client.post("/tasks", json=task).raise_for_status()
    rows = [row for path in ("/tasks", "/auth/sessions") for row in alice.client.get(path).json()["data"]]
    return [alice.id, *(row["id"] for row in rows)]


def reads(anonymous: Client) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield each path of every service's document that can be read, with its parameters."""
    for service in SERVICES:
        document = anonymous.get(f"/{service.prefix}/schema").json()
        for path, operations in document["paths"].items():
            if "get" in operations:
                yield path, operations["get"].get("parameters", [])


def values(parameter: dict[str, Any], ids: list[str]) -> list[str]:
    """Return what to give a parameter, so that it finds what is alice's if anything does."""
    schema = parameter["schema"]
    match schema:
        case {"enum": choices}:
            return [str(choice) for choice in choices]
        case {"format": "uuid"}:
            return ids
        case {"format": "date-time"}:
            return ["2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"]
        case {"type": "integer"}:
            return [str(schema["maximum"])]
        case {"type": "string"} if "format" not in schema:
            return [WORD]
    pytest.fail(f"The test has no value for {parameter}.")


def urls(path: str, parameters: list[dict[str, Any]], ids: list[str]) -> Iterator[str]:
    """Yield a path with each of alice's ids in it, and each with every parameter of the query by itself."""
    in_path = [each for each in parameters if each["in"] == "path"]
    # Cursors are taken from alice's own pages.
    in_query = [each for each in parameters if each["in"] == "query" and each["name"] != "cursor"]
    for given in product(*(values(each, ids) for each in in_path)):
        url = path
        for parameter, value in zip(in_path, given, strict=True):
            url = url.replace(f"{{{parameter['name']}}}", value)
        yield url
        yield from (f"{url}?{urlencode({each['name']: value})}" for each in in_query for value in values(each, ids))


def following(response: requests.Response) -> list[str]:
    """Return the address of the next page, in a list, if there is one."""
    return [response.links["next"]["url"]] if "next" in response.links else []


def test_no_read_of_any_service_shows_bob_anything_of_alices(
    of_alice: list[str], alice: Persona, bob: Persona, anonymous: Client
) -> None:
    marks = [*of_alice, alice.email, WORD]

    for path, parameters in reads(anonymous):
        addresses = list(urls(path, parameters, of_alice))
        hers = [alice.client.get(url) for url in addresses]
        assert any(mark in response.text for response in hers for mark in marks), f"{path} shows alice nothing of hers"
        if any(parameter["name"] == "cursor" for parameter in parameters):
            addresses += following(alice.client.get(path, params={"page_size": 1}))
        for url in addresses:
            response = bob.client.get(url)
            assert response.status_code == 200 or ("{" in path and response.status_code == 404), (url, response.text)
            assert not [mark for mark in marks if mark in response.text], f"bob reads what is alice's at {url}"
