"""Registers the chassis with Django, for its management commands, system checks and OpenAPI extension."""

from django.apps import AppConfig


class ChassisConfig(AppConfig):
    """The chassis as a Django app without models."""

    name = "chassis"

    def ready(self) -> None:
        from chassis import checks, schema  # noqa: F401  # Importing them registers the checks and the Bearer scheme.
