"""Sign everybody out of the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.models import Session
from django.core.management import BaseCommand


class Command(BaseCommand):
    """After a restore: a session that was ended since would be back."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        Session.objects.all().delete()
