"""Registers the chassis with Django, for its management commands and its OpenAPI extension."""

from django.apps import AppConfig


class ChassisConfig(AppConfig):
    """The chassis as a Django app without models."""

    name = "chassis"

    def ready(self) -> None:
        from chassis import schema  # noqa: F401  # Importing it registers the Bearer scheme.
