"""The forms of accounts in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm

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


class UserForm(UniqueEmailMixin, forms.ModelForm):  # type: ignore[type-arg]  # Not generic at run time.
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
