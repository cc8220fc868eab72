"""Tombstones: which accounts were deleted, so that a restored backup brings none of them back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac


class TombstoneQuerySet(models.QuerySet[Any]):
    """Queries over tombstones."""

    def bury(self, account_id: UUID) -> None:
        """Note that an account is deleted, and forget those that are in no backup any more."""
        expired = self.filter(created_at__lt=timezone.now() - timedelta(days=settings.BACKUPS_KEPT_DAYS))
        with transaction.atomic(using=self.db):
            # Two deletions that forget the same rows, each in an order of its own, could wait for each other.
            self.filter(pk__in=expired.select_for_update(skip_locked=True).values("pk")).delete()
            # An account deleted again after a restore is also in backups made since, so its tombstone starts anew.
            self.bulk_create(
                [self.model(digest=digest_of(account_id))],
                update_conflicts=True,
                unique_fields=["digest"],
                update_fields=["created_at"],
            )

    def buried(self, account_ids: Iterable[UUID]) -> set[UUID]:
        """Return those of the accounts that were deleted."""
        ids = {digest_of(each): each for each in account_ids}
        return {ids[digest] for digest in self.filter(digest__in=ids).values_list("digest", flat=True)}


class AbstractTombstone(models.Model):
    """A deleted account, as a keyed hash of its id; it names nobody."""

    digest = models.CharField(primary_key=True, max_length=64)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.digest


def digest_of(account_id: UUID) -> str:
    """Return the hash under which this service, by its SECRET_KEY, knows a deleted account."""
    return salted_hmac("chassis.tombstones", str(account_id), algorithm="sha256").hexdigest()
