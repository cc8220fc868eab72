"""A browser in which staff are signed in to the admin: a plugin."""

from __future__ import annotations

from uuid import UUID

import pytest
from chassis.testing import StaffStub, sign_in
from django.test import Client

ADMIN = "/admin/"


@pytest.fixture
def root(staff_service: StaffStub) -> UUID:
    return staff_service.add("root")


@pytest.fixture
def browser(root: UUID) -> Client:
    """A browser in which root is signed in."""
    client, response = sign_in("root@example.com")
    assert response.status_code == 302
    return client


def is_in(client: Client) -> bool:
    response = client.get(ADMIN)
    assert response.status_code in (200, 302), response.content
    return response.status_code == 200
