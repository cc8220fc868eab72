"""What becomes of access to the admin when auth_svc says otherwise, or nothing."""

from __future__ import annotations

from uuid import UUID

import pytest
import requests
from chassis.testing.admin import StaffStub, sign_in
from django.contrib.auth.models import User
from django.test import Client

from tests.browsers import ADMIN, is_in
from tests.conftest import Clock

pytestmark = pytest.mark.django_db
LOST = requests.ConnectionError("refused")


def test_losing_staff_status_ends_access_when_the_answer_is_old(
    browser: Client, root: UUID, staff_service: StaffStub, clock: Clock
) -> None:
    assert is_in(browser)
    del staff_service.identities[root]
    assert is_in(browser)

    clock.advance(5)

    assert not is_in(browser)
    user = User.objects.get(username=str(root))
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_nothing_is_remembered_where_auth_svc_allows_nothing(
    browser: Client, root: UUID, staff_service: StaffStub
) -> None:
    staff_service.max_age = 0
    assert is_in(browser)
    del staff_service.identities[root]

    assert not is_in(browser)


def test_a_changed_password_ends_the_session(
    browser: Client, root: UUID, staff_service: StaffStub, clock: Clock
) -> None:
    assert is_in(browser)
    staff_service.identities[root]["session_hash"] = "hash of the second password"

    clock.advance(5)

    assert not is_in(browser)


def test_signing_in_after_a_changed_password_works_at_once(
    browser: Client, root: UUID, staff_service: StaffStub
) -> None:
    assert is_in(browser)
    staff_service.identities[root]["session_hash"] = "hash of the second password"

    again, _ = sign_in("root@example.com")

    assert is_in(again)
    assert not is_in(browser)


def test_a_changed_address_and_rank_are_mirrored(
    browser: Client, root: UUID, staff_service: StaffStub, clock: Clock
) -> None:
    assert is_in(browser)
    staff_service.identities[root] |= {"email": "new@example.com", "is_superuser": False}

    clock.advance(5)

    assert is_in(browser)
    user = User.objects.get(username=str(root))
    assert (user.email, user.is_superuser) == ("new@example.com", False)


def test_an_outage_serves_the_last_answer_for_a_while(browser: Client, staff_service: StaffStub, clock: Clock) -> None:
    assert is_in(browser)
    staff_service.answer = LOST

    clock.advance(64)
    assert is_in(browser)

    clock.advance(2)
    response = browser.get(ADMIN)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert "Signing in is not possible at the moment" in response.content.decode()


def test_an_outage_grants_nothing_that_is_not_remembered(browser: Client, staff_service: StaffStub) -> None:
    staff_service.answer = LOST

    response = browser.get(ADMIN)

    assert response.status_code == 503
    assert response.headers["Content-Type"].startswith("text/html")


def test_an_outage_does_not_bring_back_what_another_process_saw_lost(
    browser: Client, root: UUID, staff_service: StaffStub
) -> None:
    assert is_in(browser)
    User.objects.filter(username=str(root)).update(is_staff=False)
    staff_service.answer = LOST

    assert browser.get(ADMIN).status_code == 503


@pytest.mark.usefixtures("staff_service")
def test_a_local_user_that_mirrors_nobody_gets_nowhere() -> None:
    user = User.objects.create_superuser("local", "local@example.com", StaffStub.PASSWORD)
    client = Client()

    client.force_login(user)

    assert not is_in(client)


def test_a_session_of_a_user_who_is_gone_is_over(browser: Client, root: UUID) -> None:
    User.objects.filter(username=str(root)).delete()

    assert not is_in(browser)
