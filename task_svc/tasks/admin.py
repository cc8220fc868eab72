"""The admin of task_svc: all owners' tasks, and the replies remembered for repeated requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from chassis.admin.forms import ChangeForm
from chassis.admin.rights import register_staff
from chassis.admin.site import ModelAdmin, ReadOnlyAdmin
from django import forms
from django.contrib import admin, messages
from django.contrib.postgres.search import SearchQuery
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from tasks.lexemes import Matches
from tasks.models import IdempotencyKey, Task, TaskQuerySet

register_staff(admin.site)


class LabelsField(forms.CharField):
    """One label a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return list(dict.fromkeys(line.strip() for line in (value or "").splitlines() if line.strip()))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != (initial or []))


class TaskForm(ChangeForm):
    """The changes that staff may make to a task."""

    labels = LabelsField(required=False, help_text="One label a line.")

    class Meta:
        model = Task
        fields = ("title", "description", "status", "priority", "due_at", "labels")


class DueFilter(admin.SimpleListFilter):
    """Unfinished tasks by when they are due, soonest first."""

    title = "due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "Overdue"), ("day", "Within a day"), ("week", "Within a week")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Task]) -> QuerySet[Task]:
        now = timezone.now()
        unfinished = queryset.exclude(status=Task.Status.COMPLETED)
        match self.value():
            case "overdue":
                return unfinished.filter(due_at__lt=now)
            case "day":
                return unfinished.filter(due_at__gte=now, due_at__lt=now + timedelta(days=1))
            case "week":
                return unfinished.filter(due_at__gte=now, due_at__lt=now + timedelta(days=7))
        return queryset


@admin.register(Task)
class TaskAdmin(ModelAdmin):
    """Tasks: created through the API by their owners, and changed here by staff."""

    form = TaskForm
    fieldsets = (
        (None, {"fields": ("title", "description", "status", "priority", "due_at", "labels")}),
        ("Set by the server", {"fields": ("id", "owner", "version", "completed_at", "created_at", "updated_at")}),
    )
    readonly_fields = ("id", "owner", "version", "completed_at", "created_at", "updated_at")
    list_display = ("title", "status", "priority", "due_at", "owner", "created_at")
    list_filter = ("created_at", "status", DueFilter)
    search_fields = ("title",)
    search_help_text = "Words of title and description, a task's id, or an account's id."
    id_fields = ("pk", "user_id")
    ordering = ("-created_at", "-id")
    sortable_by: ClassVar[tuple[str, ...]] = ("created_at",)
    actions = ("complete", "reopen")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> TaskQuerySet:
        tasks: TaskQuerySet = Task.objects.across_owners()
        return tasks

    @admin.display(description="account")
    def owner(self, task: Task) -> str:
        url = reverse("admin:tasks_task_changelist")
        # The whole id would not leave room for the other columns; it is in the link and its title.
        user_id = str(task.user_id)
        return format_html('<a href="{}?user_id__exact={}" title="{}">…{}</a>', url, user_id, user_id, user_id[-12:])

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        # The index of unfinished tasks is in this order.
        return ("due_at", "id") if request.GET.get("due") else self.ordering

    def search_text(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        if not search_term:
            return queryset, False
        words = SearchQuery(search_term, config="simple", search_type="websearch")
        return queryset.filter(Matches(F("document"), words)), False

    def save_model(self, request: HttpRequest, obj: Task, form: Any, change: bool) -> None:
        stored = Task.objects.get(pk=obj.pk)
        stored.change({name: form.cleaned_data[name] for name in form.changed_data})

    @admin.action(description="Mark selected tasks as completed", permissions=["change"])
    def complete(self, request: HttpRequest, queryset: TaskQuerySet) -> None:
        self._set_status(request, queryset, Task.Status.COMPLETED)

    @admin.action(description="Mark selected tasks as pending", permissions=["change"])
    def reopen(self, request: HttpRequest, queryset: TaskQuerySet) -> None:
        self._set_status(request, queryset, Task.Status.PENDING)

    def _set_status(self, request: HttpRequest, queryset: TaskQuerySet, status: str) -> None:
        with transaction.atomic():
            # In the order of the ids, so that two who do this at once do not wait for each other in a circle.
            tasks = list(queryset.exclude(status=status).order_by("pk").select_for_update())
            for task in tasks:
                task.change({"status": status})
            self.log_changes(request, tasks, f"Set the status to {status}.")
        self.message_user(request, f"Changed {len(tasks)} tasks.", messages.SUCCESS)


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """Which requests are remembered; neither what they said nor their fingerprint is shown."""

    fields = ("user_id", "key", "status", "created_at", "expires_at")
    list_display = ("key", "user_id", "status", "created_at", "expires_at")
    search_fields = ("=key",)
    search_help_text = "An account's id."
    id_fields = ("user_id",)
    ordering = ("-id",)
