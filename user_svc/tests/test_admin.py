"""The admin of user_svc."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from chassis.testing.admin import form_on
from django.test import Client
from profiles.models import Profile
from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

PROFILES = "/users/admin/profiles/profile/"


@pytest.fixture
def admin(browser: Client) -> Client:
    """A superuser, signed in to the admin."""
    return browser


def make_profile(name: str) -> Profile:
    profile: Profile = Profile.objects.create(user_id=uuid4(), full_name=name, email=f"{name.lower()}@example.com")
    return profile


def form_of(admin: Client, profile: Profile, **changes: Any) -> dict[str, Any]:
    return form_on(admin, f"{PROFILES}{profile.pk}/change/", **changes)


def test_profiles_are_found_by_name_address_and_account(admin: Client) -> None:
    alice = make_profile("Alice")
    make_profile("Bob")

    for search in ("ali", "ALICE@", str(alice.pk)):
        assert list(admin.get(PROFILES, {"q": search}).context["cl"].result_list) == [alice]


def test_a_profile_is_changed_but_never_given_to_another_account(admin: Client) -> None:
    profile = make_profile("Alice")

    form = form_of(admin, profile, full_name="Alice B", timezone="Europe/Berlin", user_id=str(uuid4()))
    response = admin.post(f"{PROFILES}{profile.pk}/change/", form)

    assert response.status_code == 302, response.context["errors"]
    row = Profile.objects.get()
    assert (row.pk, row.full_name, row.timezone) == (profile.pk, "Alice B", "Europe/Berlin")
    assert row.updated_at > profile.updated_at


def test_a_form_opened_before_another_change_is_refused(admin: Client) -> None:
    profile = make_profile("Alice")
    form = form_of(admin, profile, bio="by staff")
    profile.change({"full_name": "By Alice"})

    response = admin.post(f"{PROFILES}{profile.pk}/change/", form)

    assert "The profile has changed since" in str(response.context["errors"])
    row = Profile.objects.get()
    assert (row.full_name, row.bio) == ("By Alice", "")


def test_a_time_zone_is_one_of_the_iana_database(admin: Client) -> None:
    profile = make_profile("Alice")

    response = admin.post(f"{PROFILES}{profile.pk}/change/", form_of(admin, profile, timezone="Mars/Olympus"))

    assert "Select a valid choice" in str(response.context["errors"])
    assert Profile.objects.get().timezone == "UTC"


def test_profiles_are_made_through_the_api_only(admin: Client) -> None:
    assert admin.get(f"{PROFILES}add/").status_code == 403


def test_a_list_asks_as_much_for_many_rows_as_for_few(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_profile("Alice")
    with django_assert_max_num_queries(20) as few:
        admin.get(PROFILES)
    for number in range(30):
        make_profile(f"Someone{number}")

    with django_assert_max_num_queries(len(few)):
        assert admin.get(PROFILES).status_code == 200
