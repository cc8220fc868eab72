"""Addresses that somebody else has registered, when staff provisions them."""

from __future__ import annotations

import pytest
from accounts.jobs import send_reset_token
from accounts.models import Session, User
from chassis.testing import JSONClient, failure_of
from chassis.testing.acts import at_once, waiting_for
from chassis.testing.admin import form_on
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.admin import USERS
from tests.conftest import PASSWORD, Persona

VICTIM = "victim@example.com"


@pytest.fixture
def squatter(anonymous: JSONClient) -> Persona:
    """Somebody who has registered the victim's address."""
    response = anonymous.post("/auth/register", {"email": VICTIM, "password": PASSWORD})
    assert response.status_code == 201
    return Persona(User.objects.get(email=VICTIM))


def provision(service: JSONClient, email: str = VICTIM) -> str:
    response = service.post("/internal/accounts", {"email": email})
    assert response.status_code == 200
    return str(response.json()["id"])


def proved(persona: Persona) -> Persona:
    persona.user.email_verified_at = timezone.now()
    persona.user.save()
    return persona


def test_a_squatter_keeps_neither_the_address_nor_a_session_nor_the_password(
    service: JSONClient, squatter: Persona, anonymous: JSONClient
) -> None:
    account_id = provision(service, VICTIM.title())

    assert account_id != str(squatter.user.pk)
    assert not squatter.is_signed_in()
    refused = anonymous.post("/auth/refresh", {"refresh_token": squatter.refresh_token})
    assert failure_of(refused) == (401, "token_invalid")
    login = anonymous.post("/auth/login", {"email": VICTIM, "password": PASSWORD})
    assert failure_of(login) == (401, "invalid_credentials")


def test_the_account_that_is_set_aside_is_closed_to_everybody(
    service: JSONClient, squatter: Persona, anonymous: JSONClient
) -> None:
    provision(service)

    squatter.user.refresh_from_db()
    assert squatter.user.email.endswith("@set-aside.invalid")
    assert not squatter.user.is_active
    assert not squatter.user.has_usable_password()
    assert not squatter.user.owns_email
    login = anonymous.post("/auth/login", {"email": squatter.user.email, "password": PASSWORD})
    assert failure_of(login) == (401, "invalid_credentials")


def test_a_token_mailed_before_is_worthless_for_the_squatter_and_the_new_account(
    service: JSONClient, squatter: Persona, anonymous: JSONClient, mailoutbox: list[EmailMessage]
) -> None:
    send_reset_token(account_id=str(squatter.user.pk))
    token = str(mailoutbox[0].body).partition("Token: ")[2].split()[0]
    provision(service)

    response = anonymous.post("/auth/password/reset/confirm", {"token": token, "new_password": "mine from now on"})

    assert failure_of(response) == (400, "validation_error")


def test_the_address_cannot_be_registered_again(service: JSONClient, squatter: Persona, anonymous: JSONClient) -> None:
    provision(service)

    response = anonymous.post("/auth/register", {"email": VICTIM.upper(), "password": PASSWORD})

    assert failure_of(response) == (409, "email_taken")


def test_provisioning_again_gives_the_same_account(service: JSONClient, squatter: Persona) -> None:
    assert provision(service) == provision(service, VICTIM.upper())
    assert User.objects.count() == 2


@pytest.mark.parametrize("email", ["alice@example.com", "ALICE@Example.com"])
def test_an_account_whose_owner_is_known_is_found_in_whatever_case(
    service: JSONClient, alice: Persona, email: str
) -> None:
    proved(alice)

    assert provision(service, email) == str(alice.user.pk)

    alice.user.refresh_from_db()
    assert alice.user.check_password(PASSWORD)
    assert alice.is_signed_in()


@pytest.mark.parametrize("right", ["is_staff", "is_superuser"])
def test_an_account_with_rights_is_never_set_aside(service: JSONClient, alice: Persona, right: str) -> None:
    User.objects.filter(pk=alice.user.pk).update(**{right: True})

    assert provision(service, "alice@example.com") == str(alice.user.pk)
    assert alice.is_signed_in()


def test_the_address_of_an_account_set_aside_may_be_provisioned_like_any_other(
    service: JSONClient, squatter: Persona
) -> None:
    provision(service)
    squatter.user.refresh_from_db()

    assert provision(service, squatter.user.email) != str(squatter.user.pk)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("squatted", [False, True])
def test_ten_who_provision_one_address_at_once_get_one_account(settings: Settings, squatted: bool) -> None:
    if squatted:
        User.objects.create_user(VICTIM, PASSWORD)

    def act(index: int) -> str:
        client = JSONClient(headers={"X-Service-Key": settings.SERVICE_KEY})
        return provision(client, VICTIM.title() if index % 2 else VICTIM)

    assert len(set(at_once(10, act))) == 1
    assert User.objects.count() == 1 + squatted


@pytest.mark.django_db(transaction=True)
def test_a_registration_that_overtakes_the_provisioning_is_set_aside_too(service: JSONClient) -> None:
    account_id = waiting_for(lambda: User.objects.create_user(VICTIM, PASSWORD), lambda: provision(service))

    assert str(User.objects.get(email=VICTIM).pk) == account_id
    assert User.objects.filter(email__endswith="@set-aside.invalid", is_active=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_squatter_who_signs_in_meanwhile_gets_no_session(settings: Settings, squatter: Persona) -> None:
    def sign_in() -> Session | None:
        return Session.objects.open(squatter.user)

    session = waiting_for(lambda: User.objects.provision(VICTIM), sign_in)

    assert session is None
    assert not squatter.user.sessions.live().exists()


@pytest.mark.django_db(transaction=True)
def test_a_reset_that_is_completed_first_saves_the_account(service: JSONClient, squatter: Persona) -> None:
    def reset() -> None:
        with transaction.atomic():
            User.objects.select_for_update().get(pk=squatter.user.pk).reset_password("the owner's own")

    assert waiting_for(reset, lambda: provision(service)) == str(squatter.user.pk)


def test_who_makes_an_account_says_whether_its_owner_is_known(
    admin: Client, anonymous: JSONClient, service: JSONClient
) -> None:
    anonymous.post("/auth/register", {"email": "registered@example.com", "password": PASSWORD})
    form = {"email": "added@example.com", "password1": PASSWORD, "password2": PASSWORD}
    assert admin.post(f"{USERS}add/", form).status_code == 302
    provision(service, "provisioned@example.com")
    User.objects.create_superuser("command@example.com", PASSWORD)

    proofs = dict(User.objects.values_list("email", "email_verified_at"))
    assert {email.partition("@")[0] for email, at in proofs.items() if at is None} == {"registered"}


def test_staff_gives_an_account_an_address_again_and_answers_for_it(
    admin: Client, service: JSONClient, squatter: Persona
) -> None:
    provision(service)

    page = f"{USERS}{squatter.user.pk}/change/"
    form = form_on(admin, page, email="squatter@example.com", is_active="on")
    assert admin.post(page, form).status_code == 302

    squatter.user.refresh_from_db()
    assert squatter.user.is_active
    assert squatter.user.owns_email


def test_a_change_of_something_else_proves_no_address(admin: Client, squatter: Persona) -> None:
    page = f"{USERS}{squatter.user.pk}/change/"
    assert admin.post(page, form_on(admin, page)).status_code == 302

    squatter.user.refresh_from_db()
    assert not squatter.user.owns_email
