"""The admin of the tests' one table."""

from chassis.admin.rights import register_staff
from chassis.admin.site import ModelAdmin, ReadOnlyAdmin
from django.contrib import admin
from django.contrib.admin.models import LogEntry

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
