"""A table for the tests of lists, constraints and outages."""

from __future__ import annotations

from uuid import uuid4

from chassis.tombstones import AbstractTombstone
from django.db import models


class Note(models.Model):
    """A row with a text, a number and a timestamp to sort by."""

    id = models.UUIDField(primary_key=True, default=uuid4)
    owner = models.UUIDField(default=uuid4, editable=False)
    title = models.TextField()
    rank = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.title

    @property
    def etag(self) -> str:
        return f'"{self.rank}"'


class Tombstone(AbstractTombstone):
    """A deleted account."""
