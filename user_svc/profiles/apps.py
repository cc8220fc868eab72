"""The profiles app."""

from django.apps import AppConfig


class ProfilesConfig(AppConfig):
    """Profiles."""

    name = "profiles"
