"""A change of a profile that waits for another one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from chassis.testing import JSONClient, Persona
from django.db import connection, transaction
from profiles.models import Profile

from tests.acts import make_profile

pytestmark = pytest.mark.django_db


def during_a_change_of(persona: Persona, write: Any, act: Any) -> Any:
    """Start `act` in another thread while a transaction has written and not committed; return what it returned."""
    started = Event()

    def run() -> Any:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            started.set()
            return act()
        finally:
            connection.close()

    pids: list[int] = []
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            write(Profile.objects.filter(pk=persona.id))
            future = threads.submit(run)
            assert started.wait(5)
            with connection.cursor() as cursor:
                waiting = False
                while not waiting:
                    cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", pids)
                    (waiting,) = cursor.fetchone()
                    assert not future.done(), future.result()
        return future.result()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/users/me", "/users/users/{id}"])
def test_a_change_does_not_undo_another_that_it_waited_for(alice: Persona, path: str) -> None:
    make_profile(alice)
    change = {"full_name": "New", "name": "New"}

    response = during_a_change_of(
        alice,
        lambda profiles: profiles.update(email="new@example.com"),
        lambda: JSONClient(alice.token).put(path.format(id=alice.id), change),
    )

    assert response.status_code == 200
    profile = Profile.objects.get()
    assert (profile.full_name, profile.email) == ("New", "new@example.com")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/users/me", "/users/users/{id}"])
def test_a_change_does_not_bring_back_what_was_deleted_meanwhile(alice: Persona, path: str) -> None:
    make_profile(alice)

    response = during_a_change_of(
        alice,
        lambda profiles: profiles.delete(),
        lambda: JSONClient(alice.token).put(path.format(id=alice.id), {"full_name": "New", "name": "New"}),
    )

    assert response.status_code == 404
    assert not Profile.objects.exists()
