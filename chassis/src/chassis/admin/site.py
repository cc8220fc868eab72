"""An admin that stays fast with a million rows, behind one sign-in with limits for all services."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, wraps
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from rest_framework.exceptions import APIException

from chassis.admin import changelists
from chassis.admin.forms import ChangeForm
from chassis.exceptions import ServiceUnavailable


class LoginForm(AdminAuthenticationForm):
    """Sign in by e-mail address; what the limits or an outage refuse is said in the form."""

    refusal: APIException | None = None
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "Please enter the e-mail address and the password of a staff account.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"] = forms.EmailField(
            label="E-mail",
            max_length=254,
            widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
        )

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except APIException as error:
            self.refusal = error
            raise ValidationError(str(error.detail)) from error


class AdminSite(admin.AdminSite):
    """The admin of one service."""

    login_form = LoginForm

    @cached_property
    def site_title(self) -> str:  # type: ignore[override]  # Known when settings are.
        return str(settings.SPECTACULAR_SETTINGS["TITLE"])

    @property
    def site_header(self) -> str:  # type: ignore[override]  # Known when settings are, too.
        return self.site_title

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = self.or_unavailable(super().login)(request, extra_context)
        if response.status_code == HTTPStatus.FOUND:
            # Only signing in makes sessions, so the expired ones never pile up.
            request.session.clear_expired()
            index = reverse("admin:index", current_app=self.name)
            if not response["Location"].startswith(index):
                # `next` names a page outside the admin, or is missing.
                response["Location"] = index
        context = getattr(response, "context_data", None) or {}
        refusal = getattr(context.get("form"), "refusal", None)
        if refusal is not None:
            response.status_code = refusal.status_code
            response["Retry-After"] = str(getattr(refusal, "wait", None) or 1)
        return response

    def admin_view(  # type: ignore[override]  # The stubs give back the very type that they get.
        self, view: Callable[..., HttpResponse], cacheable: bool = False
    ) -> Callable[..., HttpResponse]:
        return self.or_unavailable(super().admin_view(view, cacheable))

    def or_unavailable(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """Answer with a 503 page instead of a traceback while auth_svc is unavailable."""

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except ServiceUnavailable as error:
                title = "Signing in is not possible at the moment"
                context = {"site_header": self.site_header, "title": title, "message": str(error.detail)}
                response = TemplateResponse(request, "chassis/failure.html", context, status=error.status_code)
                response["Retry-After"] = str(error.wait)
                return response

        return guarded


class ModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Not generic at run time.
    """A change list that costs the same with a thousand and with a million rows."""

    paginator = changelists.BoundedPaginator
    show_full_result_count = False
    # They would count all rows, filter by filter.
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    # Only what an index orders may be sorted; subclasses name it.
    sortable_by: ClassVar[tuple[str, ...]] = ()
    id_fields: ClassVar[Sequence[str]] = ("pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find rows by an id, or by text."""
        try:
            wanted = UUID(search_term.strip())
        except ValueError:
            return self.search_text(request, queryset, search_term)
        by_id = Q()
        for field in self.id_fields:
            by_id |= Q((field, wanted))
        return queryset.filter(by_id), False

    def search_text(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, search_term)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Where none are named they are all of the form's.
        return [name for name in super().get_fields(request, obj) if name != "seen"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not issubclass(self.form, ChangeForm) or not self.has_change_permission(request, obj):
            return fieldsets
        (name, options), *others = fieldsets
        return [(name, {**options, "fields": (*options["fields"], "seen")}), *others]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None and request.method == "POST" and transaction.get_connection().in_atomic_block:
            # A form is checked and saved under the row lock; rows that refer to it may be written meanwhile.
            row = self.model._default_manager.select_for_update(no_key=True).filter(pk=row.pk).first()
        return row

    # The log of the admin names rows by their ids: a title or an address would outlive its row there.

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        return self._log(request, [obj], ADDITION, message)[0]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        return self._log(request, [obj], CHANGE, message)[0]

    def log_changes(self, request: HttpRequest, rows: Iterable[Any], message: str) -> list[LogEntry]:
        """Log what an action has done to each row."""
        return self._log(request, rows, CHANGE, message)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> list[LogEntry]:
        return self._log(request, queryset, DELETION, "")

    def _log(self, request: HttpRequest, rows: Iterable[Any], action: int, message: Any) -> list[LogEntry]:
        content_type = ContentType.objects.get_for_model(self.model)
        text = json.dumps(message) if isinstance(message, list) else message
        given = {"user_id": request.user.pk, "content_type": content_type, "action_flag": action}
        return LogEntry.objects.bulk_create(
            LogEntry(**given, object_id=row.pk, object_repr=str(row.pk), change_message=text) for row in rows
        )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.remote_field.model is Permission:
            # The names of permissions show their content types.
            kwargs["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Refuse to act on "all" rows where nobody has seen how many those are."""
        if request.POST.get("select_across", "0") != "0" and changelists.is_uncounted(queryset):
            text = f"That would be more than {changelists.MOST_COUNTED} rows; narrow the list first."
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset.all())


class ReadOnlyAdmin(ModelAdmin):
    """An admin that only shows."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission
