"""Whether a browser is signed in to the admin."""

from __future__ import annotations

from django.test import Client

ADMIN = "/admin/"


def is_in(client: Client) -> bool:
    response = client.get(ADMIN)
    assert response.status_code in (200, 302), response.content
    return response.status_code == 200
