"""A change of a profile that waits for another one."""

from __future__ import annotations

import pytest
from chassis.testing import JSONClient, Persona
from chassis.testing.acts import waiting_for
from profiles.models import Profile

from tests.acts import make_profile

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("path", ["/users/me", "/users/users/{id}"])
def test_a_change_does_not_undo_another_that_it_waited_for(alice: Persona, path: str) -> None:
    make_profile(alice)
    change = {"full_name": "New", "name": "New"}

    response = waiting_for(
        lambda: Profile.objects.update(email="new@example.com"),
        lambda: JSONClient(alice.token).put(path.format(id=alice.id), change),
    )

    assert response.status_code == 200
    profile = Profile.objects.get()
    assert (profile.full_name, profile.email) == ("New", "new@example.com")


@pytest.mark.parametrize("path", ["/users/me", "/users/users/{id}"])
def test_a_change_does_not_bring_back_what_was_deleted_meanwhile(alice: Persona, path: str) -> None:
    make_profile(alice)

    response = waiting_for(
        lambda: Profile.objects.all().delete(),
        lambda: JSONClient(alice.token).put(path.format(id=alice.id), {"full_name": "New", "name": "New"}),
    )

    assert response.status_code == 404
    assert not Profile.objects.exists()
