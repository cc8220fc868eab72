from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import pytest
import requests
from chassis.testing.admin import StaffStub, sign_in
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from chassis import contracts
from tests.browsers import ADMIN, is_in

pytestmark = pytest.mark.django_db


def test_staff_of_auth_svc_sign_in_and_are_mirrored(browser: Client, root: UUID) -> None:
    assert is_in(browser)
    user = User.objects.get(username=str(root))
    assert (user.email, user.is_staff, user.is_superuser) == ("root@example.com", True, True)


def test_a_mirrored_user_has_no_password(browser: Client, root: UUID) -> None:
    user = User.objects.get(username=str(root))

    assert not user.has_usable_password()
    assert not user.check_password(StaffStub.PASSWORD)


@pytest.mark.parametrize(
    ("email", "password"),
    [("root@example.com", "wrong"), ("nobody@example.com", StaffStub.PASSWORD)],
    ids=["wrong password", "unknown address"],
)
def test_wrong_credentials_are_refused_in_the_form(root: UUID, email: str, password: str) -> None:
    client, response = sign_in(email, password)

    assert "the e-mail address and the password of a staff account" in response.content.decode()
    assert not is_in(client)


def test_signing_in_deletes_the_sessions_that_have_expired_and_no_others(browser: Client) -> None:
    now = timezone.now()
    Session.objects.create(session_key="expired", expire_date=now - timedelta(seconds=1))
    Session.objects.create(session_key="live", expire_date=now + timedelta(minutes=1))

    again, _ = sign_in("root@example.com")

    kept = {"live", browser.session.session_key, again.session.session_key}
    assert set(Session.objects.values_list("pk", flat=True)) == kept


def test_who_does_not_get_in_leaves_no_session(root: UUID) -> None:
    sign_in("root@example.com", "wrong")
    Client().get(ADMIN)

    assert not Session.objects.exists()


def test_auth_svc_is_told_whose_attempt_it_is(root: UUID, staff_service: StaffStub) -> None:
    sign_in("root@example.com", HTTP_X_FORWARDED_FOR="203.0.113.7")

    assert staff_service.addresses == ["203.0.113.7"]


def test_too_many_attempts_are_refused_in_the_form(root: UUID, staff_service: StaffStub) -> None:
    throttled = contracts.failure("throttled", "Request was throttled.")
    staff_service.answer = (429, {"Retry-After": "37"}, json.dumps(throttled))

    client, response = sign_in("root@example.com")

    assert (response.status_code, response.headers["Retry-After"]) == (429, "37")
    assert "37 seconds" in response.content.decode()
    assert not is_in(client)


def test_an_outage_at_sign_in_is_said_in_the_form(root: UUID, staff_service: StaffStub) -> None:
    staff_service.answer = requests.ConnectionError("refused")

    _, response = sign_in("root@example.com")

    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert "auth-svc is unavailable" in response.content.decode()


@pytest.mark.parametrize(
    "body",
    ["{}", "[]", '{"id": "x", "email": "e", "is_superuser": true, "session_hash": "h"}', "null"],
    ids=["empty", "list", "bad id", "null"],
)
def test_an_answer_that_is_none_signs_nobody_in(root: UUID, staff_service: StaffStub, body: str) -> None:
    staff_service.answer = (200, {}, body)

    client, response = sign_in("root@example.com")

    assert response.status_code == 503
    assert "sessionid" not in client.cookies


@pytest.mark.parametrize("change", [{"is_superuser": "yes"}, {"session_hash": ""}], ids=["superuser", "hash"])
def test_an_identity_must_be_whole(root: UUID, staff_service: StaffStub, change: dict[str, Any]) -> None:
    staff_service.identities[root] |= change

    assert sign_in("root@example.com")[1].status_code == 503


def test_credentials_that_are_missing_are_asked_of_nobody(root: UUID, staff_service: StaffStub) -> None:
    assert not Client().login(username="root@example.com")
    assert staff_service.addresses == []


def test_a_stranger_is_sent_to_the_form() -> None:
    response = Client().get(f"/admin/tests/note/{uuid4()}/change/")

    assert response.status_code == 302
    assert response.headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    "wanted",
    ["", "https://example.com/", "//example.com", "/accounts/profile/", "javascript:alert(1)", "/nowhere", "\0", None],
    ids=repr,
)
def test_signing_in_leads_to_the_admin_and_nowhere_else(root: UUID, wanted: str | None) -> None:
    query = {} if wanted is None else {"next": wanted}
    for client, form, address in ((Client(), query, {}), (Client(), {}, query)):
        credentials = {"username": "root@example.com", "password": StaffStub.PASSWORD, **form}

        response = client.post(f"/admin/login/?{urlencode(address)}", credentials)

        assert (response.status_code, response.headers["Location"]) == (302, ADMIN)


def test_signing_in_leads_to_the_page_of_the_admin_that_was_asked_for(root: UUID) -> None:
    page = f"{ADMIN}tests/note/?q=x"
    address = Client().get(page).headers["Location"]

    response = Client().post(address, {"username": "root@example.com", "password": StaffStub.PASSWORD})

    assert response.headers["Location"] == page


def test_after_a_restore_nobody_is_signed_in(browser: Client) -> None:
    assert is_in(browser)

    call_command("end_admin_sessions")

    assert not is_in(browser)
