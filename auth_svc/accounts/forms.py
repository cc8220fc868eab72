"""The forms of accounts in the admin."""

from __future__ import annotations

from typing import Any

from chassis.admin.forms import ChangeForm
from django import forms
from django.contrib.admin.forms import AdminPasswordChangeForm as AdminOwnPasswordForm
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.http import HttpRequest
from rest_framework.exceptions import Throttled

from accounts.authentication import InvalidCredentials, sign_in
from accounts.models import User


class UniqueEmailMixin:
    """An address that no other account has, in whatever case it is written."""

    # Of the model form that this is mixed into.
    cleaned_data: dict[str, Any]
    instance: User

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        others = User.objects.filter(email__lower=email.lower()).exclude(pk=self.instance.pk)
        if others.exists():
            raise forms.ValidationError("There is an account with this e-mail address already.")
        return email


class UserForm(UniqueEmailMixin, ChangeForm):
    """An account without its password, which has a form of its own."""

    class Meta:
        model = User
        fields = ("email", "is_active", "is_staff", "is_superuser", "groups", "user_permissions")


class NewUserForm(UniqueEmailMixin, BaseUserCreationForm):  # type: ignore[type-arg]  # Not generic at run time.
    """A new account."""

    class Meta:
        model = User
        fields = ("email",)


class PasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]  # Not generic at run time.
    """A new password, or none at all; either ends every session of the account."""

    def save(self, commit: bool = True) -> User:
        usable = self.cleaned_data["set_usable_password"]
        user: User = self.user
        user.change_password(self.cleaned_data["password1"] if usable else None)
        return user


class OwnPasswordForm(AdminOwnPasswordForm):
    """A new password of one's own, which ends all sessions of the account; the old one is limited as logins are."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        try:
            self.user = sign_in(self.request, self.user.email, password)
        except InvalidCredentials:
            raise forms.ValidationError(self.error_messages["password_incorrect"], "password_incorrect") from None
        except Throttled as error:
            raise forms.ValidationError(str(error.detail), "throttled") from None
        return password

    def save(self, commit: bool = True) -> User:
        user: User = self.user
        user.change_password(self.cleaned_data["new_password1"])
        return user
