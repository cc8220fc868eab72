"""Signing in as staff of auth_svc, who are mirrored by local users."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from chassis.admin.staff import StaffBackend, staff_directory
from chassis.exceptions import ServiceUnavailable
from django.contrib.auth.models import User
from django.test import RequestFactory

from tests.peers import Peer, hang_up, refuse, reply
from tests.staff import DAY, ID, staff_of


@pytest.fixture
def auth(auth: Peer) -> Iterator[Peer]:
    """auth_svc on a real socket, of which nothing is remembered."""
    staff_directory.cache_clear()
    yield auth
    staff_directory.cache_clear()


CREDENTIALS = ("staff@example.com", "the password")


def sign_in(username: str | None = CREDENTIALS[0], password: str | None = CREDENTIALS[1]) -> User | None:
    return StaffBackend().authenticate(RequestFactory().post("/"), username, password)


@pytest.mark.django_db
def test_signing_in_mirrors_the_account(auth: Peer) -> None:
    auth.behave = reply(staff_of(is_superuser=True))

    user = sign_in()

    assert user is not None
    assert (user.username, user.email, user.is_staff, user.is_superuser) == (
        str(ID),
        "staff@example.com",
        True,
        True,
    )
    assert not user.has_usable_password()


@pytest.mark.django_db
@pytest.mark.parametrize(("username", "password"), [(None, "a"), ("", "a"), ("a", None), ("a", "")])
def test_half_of_the_credentials_are_not_sent(auth: Peer, username: str | None, password: str | None) -> None:
    assert sign_in(username, password) is None
    assert auth.requests == []


@pytest.mark.django_db
def test_wrong_credentials_make_no_user(auth: Peer) -> None:
    auth.behave = refuse("invalid_credentials")

    assert sign_in() is None
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_signed_in_user_follows_the_account(auth: Peer) -> None:
    auth.behave = reply(staff_of(is_superuser=True), headers=DAY)
    user = sign_in()
    assert user is not None
    auth.behave = reply(staff_of(email="new@example.com"), headers=DAY)

    found = StaffBackend().get_user(user.pk)

    assert found is not None
    assert (found.email, found.is_superuser) == ("new@example.com", False)
    user.refresh_from_db()
    assert (user.email, user.is_superuser) == ("new@example.com", False)


@pytest.mark.django_db
def test_a_user_whose_account_is_staff_no_more_is_nobody(auth: Peer) -> None:
    auth.behave = reply(staff_of(is_superuser=True))
    user = sign_in()
    assert user is not None
    auth.behave = refuse("not_found", 404)

    assert StaffBackend().get_user(user.pk) is None
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (False, False)


@pytest.mark.django_db
def test_nobody_is_signed_in_while_auth_svc_is_away(auth: Peer) -> None:
    auth.behave = reply(staff_of())
    user = sign_in()
    assert user is not None
    auth.behave = hang_up

    with pytest.raises(ServiceUnavailable):
        StaffBackend().get_user(user.pk)


@pytest.mark.django_db
def test_a_user_that_mirrors_no_account_is_nobody(auth: Peer) -> None:
    user = User.objects.create(username="root", is_staff=True, is_superuser=True)

    assert StaffBackend().get_user(user.pk) is None
    assert StaffBackend().get_user(UUID(int=0).int) is None
    assert auth.requests == []
