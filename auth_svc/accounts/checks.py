"""Warnings of `check --deploy` about a configuration that runs but should not face the world."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register


@register(Tags.security, deploy=True)
def common_passwords_are_rejected(**kwargs: Any) -> list[CheckMessage]:
    """Warn while passwords such as `password123` are accepted."""
    if settings.PASSWORD_REJECT_COMMON:
        return []
    hint = "Set PASSWORD_REJECT_COMMON=true, as `./manage_all.sh env` does."
    return [Warning("Common passwords are accepted.", hint=hint, id="accounts.W001")]
