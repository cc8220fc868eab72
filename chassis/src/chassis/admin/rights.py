"""The admin's pages about who may do what: a superuser's alone."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest

from chassis.admin.forms import ChangeForm
from chassis.admin.site import ModelAdmin


class SuperusersOnly:
    """Rows that only a superuser sees and changes."""

    def has_module_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)

    has_add_permission = has_view_permission = has_change_permission = has_delete_permission = has_module_permission


class GroupAdmin(SuperusersOnly, ModelAdmin):
    """Groups: the right to change one would be the right to give oneself its permissions."""

    form = ChangeForm
    search_fields = ("name",)
    filter_horizontal = ("permissions",)
    ordering = ("name",)
    sortable_by = ("name",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> Any:
        # A group's id is a number.
        return self.search_text(request, queryset, search_term)


class StaffAdmin(SuperusersOnly, ModelAdmin):
    """A person who has signed in here, and their rights; their identity is auth_svc's."""

    form = ChangeForm
    fields = ("email", "username", "is_superuser", "last_login", "groups", "user_permissions")
    readonly_fields = ("email", "username", "is_superuser", "last_login")
    list_display = ("email", "is_staff", "is_superuser", "last_login")
    list_filter = ("is_staff", "is_superuser")
    search_fields = ("email",)
    filter_horizontal = ("groups", "user_permissions")
    id_fields = ("username",)
    ordering = ("pk",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_delete_permission = has_add_permission


def register_groups(site: admin.AdminSite) -> None:
    """Leave groups to superusers; Django's own admin gives them to everybody with the permission."""
    site.unregister(Group)
    site.register(Group, GroupAdmin)


def register_staff(site: admin.AdminSite) -> None:
    """Show the mirrored users in place of Django's own user admin, which would set passwords, and groups."""
    register_groups(site)
    site.unregister(User)
    site.register(User, StaffAdmin)
