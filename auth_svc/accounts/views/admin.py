"""Pages of the admin that are views of their own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse_lazy

from accounts.forms import OwnPasswordForm
from accounts.proofs import remember_client


class OwnPasswordView(PasswordChangeView):
    """Change the password of the user who is signed in to the admin; Django's own page would end no session."""

    form_class = OwnPasswordForm
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**admin.site.each_context(self.request), **kwargs)

    def form_valid(self, form: OwnPasswordForm) -> HttpResponse:
        with transaction.atomic():
            # It was checked a while ago, and may have changed since.
            if not form.user.lock_if_unchanged():
                form.add_error("old_password", form.error_messages["password_incorrect"])
                return self.form_invalid(form)
            response = super().form_valid(form)
            remember_client(self.request, form.user)
        return response
