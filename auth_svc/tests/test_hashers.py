from __future__ import annotations

import runpy
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from accounts import hashers
from accounts.hashers import HashQueue
from accounts.models import RateCounter, User
from chassis.exceptions import ServiceUnavailable
from chassis.testing import JSONClient, failure_of
from chassis.testing.admin import sign_in
from django.contrib.auth.hashers import identify_hasher, make_password
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona

BOUNDED = "accounts.hashers.BoundedBCryptSHA256PasswordHasher"


@pytest.fixture
def busy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[HashQueue]:
    """A queue whose only core is taken, and in which nobody may wait."""
    settings.PASSWORD_HASHERS = [BOUNDED, "django.contrib.auth.hashers.MD5PasswordHasher"]
    queue = HashQueue(cores=1, waiting=0, patience=10)
    monkeypatch.setattr(hashers, "queue", queue)
    with queue.core():
        yield queue


def test_no_more_hash_at_once_than_there_are_cores_and_no_more_wait_than_may() -> None:
    queue = HashQueue(cores=1, waiting=1, patience=10)
    go_on, begun = threading.Event(), threading.Event()
    order: list[str] = []

    def hash_slowly() -> None:
        with queue.core():
            begun.set()
            assert go_on.wait(10)
            order.append("first")

    def hash_next() -> None:
        with queue.core():
            order.append("second")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hash_slowly)
        assert begun.wait(10)
        second = pool.submit(hash_next)
        ends = time.monotonic() + 10
        while queue._places._value and time.monotonic() < ends:
            time.sleep(0.001)  # Until the second waits.
        with pytest.raises(ServiceUnavailable), queue.core():
            pass
        go_on.set()
        first.result(), second.result()

    assert order == ["first", "second"]


@pytest.mark.parametrize(("workers", "threads"), [(1, 1), (1, 2), (1, 4), (2, 4), (1, 64)])
def test_a_thread_is_left_for_what_needs_no_hash(monkeypatch: pytest.MonkeyPatch, workers: int, threads: int) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", str(workers))
    monkeypatch.setenv("WEB_THREADS", str(threads))
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(16)))

    module = runpy.run_path(str(hashers.__file__))

    assert module["CORES"] >= 1
    assert module["CORES"] + module["WAITING"] <= max(1, threads - 1)


def test_nobody_waits_for_a_core_for_long() -> None:
    queue = HashQueue(cores=1, waiting=5, patience=0.01)

    with queue.core(), pytest.raises(ServiceUnavailable), queue.core():
        pass


def test_a_password_is_hashed_as_before(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = [BOUNDED]

    encoded = make_password(PASSWORD)

    assert encoded.startswith("bcrypt_sha256$$2b$12$")
    assert identify_hasher(encoded).verify(PASSWORD, encoded)


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_a_login_beyond_the_queue_is_a_503_and_counts_for_nothing(
    settings: Settings, db: None, busy: HashQueue, email: str
) -> None:
    User.objects.bulk_create([User(email="alice@example.com", password="bcrypt_sha256$$2b$12$" + "x" * 53)])

    response = JSONClient().post("/auth/login", {"email": email, "password": PASSWORD})

    assert failure_of(response) == (503, "service_unavailable")
    assert response["Retry-After"] == "1"
    assert list(RateCounter.objects.exclude(hits=[]).values_list("key")) == []


def test_the_admins_form_says_it_too(db: None, busy: HashQueue) -> None:
    _, response = sign_in("nobody@example.com", PASSWORD)

    assert response.status_code == 503


def test_what_needs_no_hash_does_not_wait(alice: Persona, busy: HashQueue) -> None:
    assert alice.client.get("/auth/me").status_code == 200


def test_a_confirmation_beyond_the_queue_is_a_503_and_counts_for_nothing(alice: Persona, busy: HashQueue) -> None:
    User.objects.update(password="bcrypt_sha256$$2b$12$" + "x" * 53)

    assert failure_of(alice.client.delete("/auth/me", {"password": PASSWORD})) == (503, "service_unavailable")
    assert list(RateCounter.objects.exclude(hits=[]).values_list("key")) == []
