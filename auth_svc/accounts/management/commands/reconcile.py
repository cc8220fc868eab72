"""Make all services agree on which accounts there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from uuid import UUID

from chassis.exceptions import ServiceUnavailable
from django.core.management import BaseCommand, CommandError, CommandParser

from accounts.clients import services_with_account_data
from accounts.reconciliation import revived, strays
from accounts.services import erase_revived, erase_stray


class Command(BaseCommand):
    """Say what has no account, and which accounts were deleted once; erase both only with --apply."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--apply", action="store_true", help="Erase what is found, instead of only counting it.")

    def handle(self, *args: Any, apply: bool, **options: Any) -> None:
        try:
            # First: what a revived account owns is no stray then.
            found = self._settle(
                "auth-svc", "deleted accounts that are back", revived(), erase_revived if apply else None
            )
            for service in services_with_account_data():
                erasing = partial(erase_stray, service) if apply else None
                found += self._settle(service, "unknown accounts with rows", strays(service), erasing)
        except ServiceUnavailable as error:
            raise CommandError(f"{error} Nothing else was changed.") from error
        if found and not apply:
            self.stdout.write("Nothing was changed; `reconcile --apply` erases them.")

    def _settle(self, where: str, what: str, found: Iterable[UUID], erasing: Callable[[UUID], None] | None) -> int:
        """Count what was found, and erase it if that is wanted."""
        count = 0
        for account_id in found:
            count += 1
            if erasing:
                erasing(account_id)
        self.stdout.write(f"{where}: {what}: {count}{', erased' if erasing and count else ''}")
        return count
