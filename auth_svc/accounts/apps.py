"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts and sessions."""

    name = "accounts"

    def ready(self) -> None:
        from accounts import checks, metrics  # noqa: F401  # Importing them registers the deployment check and the gauges.
