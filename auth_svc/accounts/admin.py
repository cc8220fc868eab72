"""The admin of auth_svc: accounts, their sessions, and the jobs that carry events to the other services."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from chassis.admin.rights import register_groups
from chassis.admin.site import ModelAdmin, ReadOnlyAdmin
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob
from procrastinate.jobs import Status

from accounts.forms import NewUserForm, PasswordForm, UserForm
from accounts.models import Session, SessionQuerySet, User
from accounts.services import erase

register_groups(admin.site)


class RightsAdmin(ModelAdmin):
    """Nobody changes, deletes or signs out an account with rights that they lack, by whichever way of the admin."""

    # The field that leads to the account.
    account_field: ClassVar[str]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._may_manage(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may_manage(request, obj)

    def manageable(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep the rows of accounts that the user of the admin may manage, and report how many others there were."""
        kept = queryset.filter(**{f"{self.account_field}__in": manageable_accounts(request)})
        left = queryset.count() - kept.count()
        if left:
            self.message_user(request, f"Left out {left}: their accounts have rights that you lack.", messages.WARNING)
        return kept

    def _may_manage(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or manageable_accounts(request).filter(pk=getattr(obj, self.account_field)).exists()


def manageable_accounts(request: HttpRequest) -> QuerySet[User]:
    """Return the accounts that the user of the admin may manage."""
    return User.objects.manageable_by(cast(User, request.user))


@admin.register(User)
class UserAdmin(RightsAdmin, DjangoUserAdmin):  # type: ignore[type-arg]  # Not generic at run time.
    """Accounts."""

    account_field = "pk"
    form = UserForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    fieldsets = (
        (None, {"fields": ("email", "set_password", "sessions_of_account")}),
        ("Permissions", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("created_at", "email_verified_at", "last_login")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("email", "password1", "password2")}),)
    readonly_fields = ("set_password", "sessions_of_account", "created_at", "email_verified_at", "last_login")
    superusers_fields = ("is_staff", "is_superuser", "groups", "user_permissions")
    list_display = ("email", "is_active", "is_staff", "is_superuser", "created_at", "last_login")
    list_filter = ("created_at", "is_active", "is_staff", "is_superuser")
    search_fields = ("email",)
    search_help_text = "A part of an e-mail address, or an account's id."
    ordering = ("-created_at", "-id")
    sortable_by = ("created_at",)
    actions = ("deactivate", "end_sessions")

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        fields = tuple(super().get_readonly_fields(request, obj))
        return fields if request.user.is_superuser else (*fields, *self.superusers_fields)

    @admin.display(description="password")
    def set_password(self, user: User) -> str:
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">Set a new password</a>', url)

    @admin.display(description="sessions")
    def sessions_of_account(self, user: User) -> str:
        url = reverse("admin:accounts_session_changelist")
        return format_html('<a href="{}?user__id__exact={}">{} live</a>', url, user.pk, user.sessions.live().count())

    @admin.action(description="Deactivate selected accounts and end their sessions", permissions=["change"])
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        accounts = [user for user in self.manageable(request, queryset).filter(is_active=True) if user != request.user]
        with transaction.atomic():
            for user in accounts:
                user.deactivate()
            self.log_changes(request, accounts, "Deactivated.")
        self.message_user(request, f"Deactivated {len(accounts)} accounts.", messages.SUCCESS)
        if queryset.filter(pk=str(request.user.pk)).exists():
            self.message_user(request, "Nobody can deactivate themselves.", messages.WARNING)

    @admin.action(description="End all sessions of selected accounts", permissions=["change"])
    def end_sessions(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        accounts = self.manageable(request, queryset)
        with transaction.atomic():
            ended = Session.objects.live().filter(user__in=accounts.order_by()).revoke()
            self.log_changes(request, accounts, "Ended all sessions.")
        self.message_user(request, f"Ended {ended} sessions.", messages.SUCCESS)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if "email" in form.changed_data:
            # Staff answers for the address that it gives.
            obj.email_verified_at = timezone.now()
        super().save_model(request, obj, form, change)
        if change and not obj.is_active:
            obj.deactivate()

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        erase(account=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        with transaction.atomic():
            for user in queryset:
                self.delete_model(request, user)


class StateFilter(admin.SimpleListFilter):
    """Sessions by whether their tokens are good."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("live", "Live"), ("revoked", "Ended"), ("expired", "Expired")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        match self.value():
            case "live":
                return queryset.live()
            case "revoked":
                return queryset.exclude(revoked_at=None)
            case "expired":
                return queryset.filter(revoked_at=None, expires_at__lte=timezone.now())
        return queryset


@admin.register(Session)
class SessionAdmin(RightsAdmin):
    """Sessions: made by signing in, ended here."""

    account_field = "user_id"
    DATES = ("created_at", "rotated_at", "expires_at", "revoked_at")
    fields = ("id", "user", "user_agent", "rotation", "repeated", *DATES)
    readonly_fields = fields
    list_display = ("user", "is_live", "user_agent", "repeated", *DATES)
    list_display_links = ("created_at",)
    list_filter = (StateFilter,)
    list_select_related = ("user",)
    search_fields = ("=user__email",)
    search_help_text = "The whole e-mail address of an account, its id, or a session's id."
    id_fields = ("pk", "user_id")
    # The ids are in the order of creation.
    ordering = ("-id",)
    actions = ("end",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(boolean=True, description="live")
    def is_live(self, session: Session) -> bool:
        return session.is_live

    @admin.action(description="End selected sessions", permissions=["change"])
    def end(self, request: HttpRequest, queryset: SessionQuerySet) -> None:
        sessions = self.manageable(request, queryset)
        with transaction.atomic():
            self.log_changes(request, sessions.live(), "Ended.")
            ended = sessions.order_by().revoke()
        self.message_user(request, f"Ended {ended} sessions.", messages.SUCCESS)

    def search_text(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.filter(user__email__lower=search_term.strip().lower()) if search_term else queryset, False


admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(ReadOnlyAdmin):
    """The jobs of auth_svc: those that wait, and those of the last day with their outcome."""

    fields = ("id", "task_name", "args", "status", "queue_name", "attempts", "scheduled_at", "latest_events")
    list_display = ("id", "name", "args", "status", "attempts", "scheduled_at")
    list_filter = ("status",)
    search_fields = ("=id", "=task_name")
    search_help_text = "A job's number or the whole name of its task."
    ordering = ("-id",)
    sortable_by = ("id",)
    actions = ("retry",)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("procrastinate.change_procrastinatejob")

    @admin.display(description="task")
    def name(self, job: ProcrastinateJob) -> str:
        return job.task_name.rpartition(".")[2]

    @admin.display(description="latest events")
    def latest_events(self, job: ProcrastinateJob) -> str:
        events = ProcrastinateEvent.objects.filter(job=job).order_by("-id")[:20]
        lines = ((f"{event.at:%Y-%m-%d %H:%M:%S}", event.type) for event in events)
        return format_html_join("\n", "<div>{} {}</div>", lines)

    @admin.action(description="Retry selected failed jobs", permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[ProcrastinateJob]) -> None:
        failed = list(queryset.filter(status=Status.FAILED.value))
        for job in failed:
            app.job_manager.retry_job_by_id(job.pk, timezone.now(), job.priority, job.queue_name, job.lock)
        self.log_changes(request, failed, "Retried.")
        self.message_user(request, f"{len(failed)} failed jobs will run again.", messages.SUCCESS)
