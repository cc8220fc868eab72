"""Signing in to the admin of auth_svc, and staying signed in."""

from __future__ import annotations

import pytest
from accounts.models import User
from chassis.environment import Rate
from chassis.testing.admin import sign_in
from django.test import Client
from pytest_django import Settings

from tests.admin import ADMIN
from tests.conftest import PASSWORD, Persona, limit

pytestmark = pytest.mark.django_db


def test_staff_sign_in_in_whatever_case_they_write_their_address(staff: Persona) -> None:
    client, _ = sign_in("STAFF@example.com", PASSWORD)

    assert client.get(ADMIN).status_code == 200


@pytest.mark.parametrize("password", [PASSWORD, "wrong"], ids=["right password", "wrong password"])
def test_who_is_not_staff_is_refused_with_the_same_words(alice: Persona, password: str) -> None:
    client, response = sign_in("alice@example.com", password)

    assert "the e-mail address and the password of a staff account" in response.content.decode()
    assert client.get(ADMIN).status_code == 302


def test_the_form_is_under_the_limits_of_login(staff: Persona, settings: Settings) -> None:
    limit(settings, "login", Rate(2, settings.RATES["login"].window))
    for _ in range(2):
        assert sign_in("staff@example.com", "wrong")[1].status_code == 200

    _, response = sign_in("staff@example.com", PASSWORD)

    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 60
    assert "throttled" in response.content.decode()
    assert staff.client.post("/auth/login", {"email": "staff@example.com", "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_losing_a_status_ends_access_at_once(admin: Client, root: User, field: str) -> None:
    User.objects.filter(pk=root.pk).update(**{field: False})

    assert admin.get(ADMIN).status_code == 302


def test_a_changed_password_ends_access(admin: Client, root: User) -> None:
    root.change_password("another horse battery")

    assert admin.get(ADMIN).status_code == 302


def test_credentials_that_are_missing_are_no_attempt(root: User) -> None:
    assert not Client().login(username="root@example.com")


def test_an_admin_cookie_is_no_good_for_the_api(admin: Client) -> None:
    assert admin.get("/auth/me").status_code == 401


@pytest.mark.parametrize(("origin", "status"), [("https://testserver", 302), ("http://testserver", 403)])
def test_behind_tls_a_form_comes_from_the_https_site(root: User, origin: str, status: int) -> None:
    headers = {"X-Forwarded-Proto": "https", "Origin": origin, "Host": "testserver"}

    _, response = sign_in(root.email, PASSWORD, headers=headers)

    assert response.status_code == status


def test_cookies_are_the_services_own(admin: Client) -> None:
    assert set(admin.cookies) >= {"auth_session", "auth_csrf"}
    assert {cookie["path"] for cookie in admin.cookies.values()} == {ADMIN}
    assert admin.cookies["auth_session"]["httponly"]
