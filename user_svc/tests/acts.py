"""What many tests do on the way to what they are about."""

from __future__ import annotations

from typing import Any

from chassis.testing import Persona


def make_profile(persona: Persona, full_name: str = "Alice A.", **fields: Any) -> dict[str, Any]:
    """Create a persona's profile through the account API."""
    response = persona.client.post("/users/createprofile", {"full_name": full_name, **fields})
    assert response.status_code == 201, response.content
    profile: dict[str, Any] = response.json()["data"]
    return profile
