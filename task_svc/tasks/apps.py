"""The tasks app."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    """Tasks."""

    name = "tasks"
