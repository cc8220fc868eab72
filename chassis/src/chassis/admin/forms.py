"""Change forms that lose nobody's changes."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django import forms
from django.db.models import Model


class ChangeForm(forms.ModelForm):  # type: ignore[type-arg]  # Not generic at run time.
    """Changes to a row, refused if somebody else has changed what the page showed since it was opened.

    The admin of the chassis adds `seen` to the page, and checks and saves the form under the row lock.
    """

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            del self.fields["seen"]
        else:
            self.initial["seen"] = _digest(self.initial)

    def clean(self) -> dict[str, Any] | None:
        if self.cleaned_data.pop("seen", None) != self.initial.get("seen"):
            name = self.instance._meta.verbose_name
            raise forms.ValidationError(f"The {name} has changed since this page was opened. Open it again.")
        return super().clean()


def _digest(values: Mapping[str, Any]) -> str:
    return sha256(repr(sorted((name, _comparable(value)) for name, value in values.items())).encode()).hexdigest()


def _comparable(value: Any) -> Any:
    """Return related rows as sorted keys: the database returns them in no fixed order."""
    if isinstance(value, list) and all(isinstance(each, Model) for each in value):
        return sorted(each.pk for each in value)
    return value
