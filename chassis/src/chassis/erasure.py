"""Removing a person from what an admin keeps beside the rows themselves: its log and its sessions."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Model

ERASED = "erased"


def forget_row(row: Model) -> None:
    """Keep what staff did to a row in the log, but not to which; done before the row is deleted."""
    content_type = ContentType.objects.get_for_model(row)
    entries = LogEntry.objects.filter(content_type=content_type, object_id=str(row.pk))
    entries.update(object_id=None, object_repr=ERASED)


def delete_admin_user(user: AbstractBaseUser, successor: Callable[[], AbstractBaseUser]) -> None:
    """Delete somebody who may have used the admin; what they did stays in the log under the successor."""
    with transaction.atomic():
        entries = LogEntry.objects.filter(user_id=user.pk)
        if entries.exists():
            entries.update(user=successor())
        for session in Session.objects.all():
            if session.get_decoded().get(SESSION_KEY) == str(user.pk):
                session.delete()
        user.delete()
