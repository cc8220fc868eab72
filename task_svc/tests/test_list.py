import pytest
from chassis.testing import Persona, failure_of

pytestmark = pytest.mark.django_db


def test_alice_lists_her_own_tasks_newest_first(alice: Persona, bob: Persona) -> None:
    for persona, title in ((alice, "first"), (bob, "other"), (alice, "second")):
        assert persona.client.post("/tasks", {"title": title}).status_code == 201

    response = alice.client.get("/tasks")

    assert response.status_code == 200
    assert [task["title"] for task in response.json()["data"]] == ["second", "first"]
    assert response.json()["meta"] == {"next": None, "page_size": 50}


def test_an_unknown_parameter_is_named(alice: Persona) -> None:
    response = alice.client.get("/tasks?statsu=pending")

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["statsu"]
