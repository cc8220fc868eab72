"""What many tests do on the way to what they are about."""

from __future__ import annotations

from typing import Any

from chassis.testing import Persona


def make_task(persona: Persona, title: str = "Buy milk", **fields: Any) -> dict[str, Any]:
    """Create a task through the account API."""
    response = persona.client.post("/tasks", {"title": title, **fields})
    assert response.status_code == 201, response.content
    task: dict[str, Any] = response.json()["data"]
    return task
