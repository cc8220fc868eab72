from __future__ import annotations

import pytest
from accounts.models import RateCounter, Session, User
from django.core.management import call_command
from django.db import IntegrityError

from tests.conftest import Persona


def test_the_database_keeps_one_account_an_address(alice: Persona) -> None:
    with pytest.raises(IntegrityError, match="user_email_unique"):
        User.objects.create_user("ALICE@example.com")


def test_an_account_is_found_by_its_address_in_any_case(alice: Persona) -> None:
    assert User.objects.get_by_natural_key("ALICE@example.com") == alice.user


def test_nobody_has_no_address(alice: Persona) -> None:
    with pytest.raises(User.DoesNotExist):
        User.objects.get_by_natural_key(None)


def test_createsuperuser_makes_a_staff_account(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")

    call_command("createsuperuser", "--noinput", email="root@example.com", verbosity=0)

    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == ("root@example.com", True, True)
    assert user.check_password("correct horse battery")


def test_deactivation_ends_every_session(alice: Persona, bob: Persona) -> None:
    Session.objects.open(alice.user)

    alice.user.deactivate()

    assert not alice.user.sessions.live().exists()
    assert bob.is_signed_in()


def test_an_inactive_account_gets_no_session(alice: Persona) -> None:
    alice.user.deactivate()

    assert Session.objects.open(alice.user) is None


def test_ids_grow_with_time(alice: Persona, bob: Persona) -> None:
    assert alice.user.pk.version == 7
    assert alice.user.pk < bob.user.pk


def test_rows_have_readable_names(alice: Persona) -> None:
    assert str(alice.user) == "alice@example.com"
    assert str(alice.session) == f"session {alice.session.pk}"
    assert str(RateCounter(key="login:x")) == "login:x"
