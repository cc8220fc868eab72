"""End the sessions of all accounts: no token of theirs is good any more."""

from __future__ import annotations

from typing import Any

from django.core.management import BaseCommand
from django.db import connection, transaction

from accounts.models import Session


class Command(BaseCommand):
    """After a restore: a session that was ended since would be back."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            # The role's limit is for requests; this one statement is about all sessions.
            cursor.execute("SET LOCAL statement_timeout = 0")
            Session.objects.all().revoke()
