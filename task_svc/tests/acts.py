"""What many tests do on the way to what they are about."""

from __future__ import annotations

from typing import Any

from chassis.testing import Persona

# What the resource API shows of a task.
RESOURCE_FIELDS = {
    "id",
    "userId",
    "title",
    "description",
    "status",
    "priority",
    "dueAt",
    "labels",
    "completedAt",
    "version",
    "createdAt",
    "updatedAt",
}


def make_task(persona: Persona, title: str = "Buy milk", **fields: Any) -> dict[str, Any]:
    """Create a task through the account API."""
    response = persona.client.post("/tasks", {"title": title, **fields})
    assert response.status_code == 201, response.content
    task: dict[str, Any] = response.json()["data"]
    return task
