"""The accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts and sessions."""

    name = "accounts"

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  # Importing it registers the deployment check.
