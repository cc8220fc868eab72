"""An admin that stays fast with a million rows, behind one sign-in with limits for all services."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property, wraps
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import DateTimeField, Q, QuerySet, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from rest_framework.exceptions import APIException

from chassis.exceptions import ServiceUnavailable

MOST_COUNTED = 10_000


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
        title: str = settings.SPECTACULAR_SETTINGS["TITLE"]
        return title

    @property
    def site_header(self) -> str:  # type: ignore[override]  # As above.
        return self.site_title

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = self.or_unavailable(super().login)(request, extra_context)
        form = getattr(response, "context_data", None) and response.context_data.get("form")
        refusal = getattr(form, "refusal", None)
        if refusal is not None:
            response.status_code = refusal.status_code
            response["Retry-After"] = str(getattr(refusal, "wait", None) or 1)
        return response

    def admin_view(self, view: Callable[..., HttpResponse], cacheable: bool = False) -> Callable[..., HttpResponse]:
        return self.or_unavailable(super().admin_view(view, cacheable))

    def or_unavailable(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """Answer with a page instead of a traceback while nobody can say who is signed in."""

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except ServiceUnavailable as error:
                context = {"site_header": self.site_header, "message": str(error.detail)}
                response = TemplateResponse(request, "chassis/unavailable.html", context, status=error.status_code)
                response["Retry-After"] = str(error.wait)
                return response

        return guarded


class AtLeast(int):
    """A count that stopped early, and says so."""

    def __str__(self) -> str:
        return f"{int(self):d}+"


class BoundedPaginator(Paginator):
    """Count no further than MOST_COUNTED rows: whoever looks for more narrows the list instead of leafing."""

    @cached_property
    def count(self) -> int:  # type: ignore[override]  # Also a cached property there.
        rows = self.object_list.order_by()[: MOST_COUNTED + 1].count()  # type: ignore[union-attr]  # A queryset.
        return AtLeast(MOST_COUNTED) if rows > MOST_COUNTED else rows


class BoundedChangeList(ChangeList):
    """A change list whose date hierarchy finds one row a period, instead of reading all rows of all periods."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        queryset = super().get_queryset(request, exclude_parameters)
        if self.date_hierarchy:
            periods = Periods(self.root_queryset, self.date_hierarchy, self.params)
            # The hierarchy asks these two of exactly this object. No index serves every filter, so it offers the
            # periods of all rows, those of the filtered ones among them.
            queryset.aggregate = self.root_queryset.aggregate  # type: ignore[method-assign]
            queryset.datetimes = periods.datetimes  # type: ignore[method-assign]
        return queryset


class Periods:
    """Which years, months or days have rows, within the year or month that is open."""

    def __init__(self, queryset: QuerySet[Any], field: str, params: Mapping[str, Any]) -> None:
        self.rows = queryset.order_by()
        self.field = field
        self.year, self.month = (params.get(f"{field}__{part}") for part in ("year", "month"))

    def datetimes(self, field: str, kind: str) -> list[datetime]:
        """Answer QuerySet.datetimes with a bounded query."""
        looks = [
            self._within(start, _next(start, kind))
            .annotate(period=Value(start, DateTimeField()))
            .values_list("period", flat=True)[:1]
            for start in self._starts(kind)
        ]
        return sorted(looks[0].union(*looks[1:], all=True)) if looks else []

    def _starts(self, kind: str) -> Iterator[datetime]:
        rows = self.rows
        if self.year:
            opened = datetime(int(self.year), int(self.month or 1), 1, tzinfo=timezone.get_current_timezone())
            rows = self._within(opened, _next(opened, "month" if self.month else "year"))
        edges = [
            rows.order_by(order).values_list(self.field, flat=True).first() for order in (self.field, f"-{self.field}")
        ]
        if edges[0] is None:
            return
        first, last = (timezone.localtime(edge) for edge in edges)
        start = first.replace(hour=0, minute=0, second=0, microsecond=0)
        if kind != "day":
            start = start.replace(day=1, month=1 if kind == "year" else start.month)
        while start <= last:
            yield start
            start = _next(start, kind)

    def _within(self, start: datetime, end: datetime) -> QuerySet[Any]:
        return self.rows.filter(**{f"{self.field}__gte": start, f"{self.field}__lt": end})


def _next(start: datetime, kind: str) -> datetime:
    if kind == "day":
        return start + timedelta(days=1)
    if kind == "month":
        return (start.replace(day=1) + timedelta(days=32)).replace(day=1)
    return start.replace(year=start.year + 1)


class ModelAdmin(admin.ModelAdmin):
    """A change list that costs the same with a thousand and with a million rows."""

    paginator = BoundedPaginator
    show_full_result_count = False
    # They would count all rows, filter by filter.
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    # Only what an index orders may be sorted; subclasses name it.
    sortable_by: ClassVar[Sequence[str]] = ()
    id_fields: ClassVar[Sequence[str]] = ("pk",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedChangeList

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

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.remote_field.model is Permission:
            # The names of permissions show their content types.
            kwargs["queryset"] = Permission.objects.select_related("content_type")
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        """Refuse to act on "all" rows where nobody has seen how many those are."""
        if request.POST.get("select_across", "0") != "0" and queryset.order_by()[MOST_COUNTED : MOST_COUNTED + 1]:
            text = f"That would be more than {MOST_COUNTED} rows; narrow the list first."
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset.all())


class ReadOnlyAdmin(ModelAdmin):
    """An admin that only shows."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class StaffAdmin(ModelAdmin):
    """Who has signed in here, and what they may do; who they are is auth_svc's."""

    fields = ("email", "username", "is_superuser", "last_login", "groups", "user_permissions")
    readonly_fields = ("email", "username", "is_superuser", "last_login")
    list_display = ("email", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_staff", "is_superuser")
    search_fields = ("email",)
    filter_horizontal = ("groups", "user_permissions")
    id_fields = ("username",)
    ordering = ("pk",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)


def register_staff(site: admin.AdminSite) -> None:
    """Show the mirrored users in place of Django's own user admin, which would set passwords."""
    site.unregister(User)
    site.register(User, StaffAdmin)
