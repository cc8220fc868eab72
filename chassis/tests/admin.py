"""The admin of the tests' one table."""

from chassis.admin.rights import register_staff
from chassis.admin.site import ModelAdmin, ReadOnlyAdmin
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest

from tests.models import Note

register_staff(admin.site)
admin.site.register(LogEntry, ReadOnlyAdmin)


@admin.register(Note)
class NoteAdmin(ModelAdmin):
    """Notes."""

    list_display = ("title", "rank", "created_at")
    search_fields = ("title",)
    list_filter = ("created_at",)
    ordering = ("-created_at", "-id")
    sortable_by = ("created_at",)
    actions = ("mark",)

    @admin.action(description="Mark selected notes", permissions=["change"])
    def mark(self, request: HttpRequest, queryset: QuerySet[Note]) -> None:
        self.log_changes(request, queryset, "Marked.")
