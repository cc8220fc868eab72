"""The page of the admin on which its users change their own passwords."""

from __future__ import annotations

from typing import Any

import pytest
from accounts.authentication import sign_in
from accounts.models import Session, User
from accounts.tokens import token_pair
from chassis.testing import JSONClient, failure_of
from django.test import Client

from tests.admin import ADMIN
from tests.conftest import PASSWORD

PAGE = f"{ADMIN}password_change/"
NEW = "another horse battery"


def change(admin: Client, old: str = PASSWORD, new: str = NEW) -> Any:
    return admin.post(PAGE, {"old_password": old, "new_password1": new, "new_password2": new})


def test_a_new_password_of_ones_own_ends_ones_sessions_but_not_the_visit(admin: Client, root: User) -> None:
    session = Session.objects.open(root)
    assert session is not None
    tokens = token_pair(session)

    assert change(admin).headers["Location"] == f"{PAGE}done/"

    root.refresh_from_db()
    assert root.check_password(NEW)
    assert failure_of(JSONClient(tokens["access_token"]).get("/auth/me")) == (401, "token_invalid")
    assert admin.get(ADMIN).status_code == 200


def test_the_page_is_one_of_the_admin(admin: Client, client: Client) -> None:
    page = admin.get(PAGE).content.decode()

    assert "Auth service" in page
    assert "Log out" in page
    assert client.get(PAGE).status_code == 302


def test_guesses_of_the_old_password_are_limited_as_logins_are(admin: Client, root: User) -> None:
    guesses = [change(admin, "wrong horse").content.decode() for _ in range(5)]

    assert all("Your old password was entered incorrectly" in page for page in guesses)
    assert "throttled" in change(admin).content.decode()
    root.refresh_from_db()
    assert root.check_password(PASSWORD)


@pytest.mark.parametrize("how", ["change_password", "deactivate"])
def test_what_overtakes_the_change_wins(admin: Client, root: User, while_hashing: Any, how: str) -> None:
    arguments = ["the owner's choice"] if how == "change_password" else []
    while_hashing(lambda: getattr(User.objects.get(pk=root.pk), how)(*arguments))

    change(admin)

    root.refresh_from_db()
    assert not root.check_password(NEW)
    assert root.is_active is (how == "change_password")


def test_what_overtakes_the_change_at_the_last_moment_wins(
    admin: Client, root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*arguments: Any) -> User:
        user = sign_in(*arguments)
        User.objects.get(pk=root.pk).change_password("the owner's choice")
        return user

    monkeypatch.setattr("accounts.forms.sign_in", overtaken)

    assert "Your old password was entered incorrectly" in change(admin).content.decode()
    root.refresh_from_db()
    assert root.check_password("the owner's choice")
