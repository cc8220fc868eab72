"""The admin of user_svc: all owners' profiles."""

from __future__ import annotations

from chassis.admin.forms import ChangeForm
from chassis.admin.rights import register_staff
from chassis.admin.site import ModelAdmin
from django import forms
from django.contrib import admin
from django.http import HttpRequest

from profiles.models import Profile
from profiles.serializers import time_zones

register_staff(admin.site)


class ProfileForm(ChangeForm):
    """The changes that staff may make to a profile."""

    timezone = forms.ChoiceField(choices=lambda: [(name, name) for name in sorted(time_zones())])

    class Meta:
        model = Profile
        fields = ("full_name", "email", "bio", "timezone")


@admin.register(Profile)
class ProfileAdmin(ModelAdmin):
    """Profiles: made through the API, with the id of an account."""

    form = ProfileForm
    fields = ("user_id", "full_name", "email", "bio", "timezone", "created_at", "updated_at")
    readonly_fields = ("user_id", "created_at", "updated_at")
    list_display = ("full_name", "email", "timezone", "created_at", "updated_at")
    search_fields = ("full_name", "email")
    search_help_text = "A part of a name or an e-mail address, or an account's id."
    list_filter = ("created_at",)
    ordering = ("-created_at", "-user_id")
    sortable_by = ("created_at",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False
