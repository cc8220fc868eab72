"""Profiles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from chassis.renderers import dumps
from chassis.tombstones import AbstractTombstone
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.timezone import now

# The owner of a query across all owners.
ALL_OWNERS = Value(True)


class ProfileQuerySet(models.QuerySet["Profile"]):
    """Queries over profiles."""

    def owned_by(self, owner: Any) -> ProfileQuerySet:
        """Keep the profile of an account, or those of ALL_OWNERS."""
        return self.filter(ALL_OWNERS if owner is ALL_OWNERS else Q(user_id=owner))


class Profile(models.Model):
    """The data of one account's owner; its id is the account's. The e-mail is contact data, not a login."""

    user_id = models.UUIDField(primary_key=True)
    full_name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254)
    bio = models.TextField(blank=True, default="", validators=[MaxLengthValidator(2_000)])
    timezone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = ProfileQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(full_name=""), name="profile_full_name_not_empty"),
            models.CheckConstraint(condition=LessThanOrEqual(Length("bio"), 2_000), name="profile_bio_length"),
        ]
        indexes = [models.Index(F("created_at"), F("user_id"), name="profile_created")]

    def __str__(self) -> str:
        return self.full_name

    @property
    def profile_created(self) -> bool:
        """Return whether this is a profile, or an account's identity with empty fields, which has no row."""
        return self.created_at is not None

    @property
    def etag(self) -> str:
        """The strong entity tag of all values (RFC 9110, section 8.8.3): one made anew never has an old one's tag."""
        values = [getattr(self, field.attname) for field in self._meta.concrete_fields]
        return f'"{hashlib.sha256(dumps(values)).hexdigest()[:16]}"'

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over changed values; updated_at follows. No change leaves all as it is."""
        changed = {name: value for name, value in changes.items() if getattr(self, name) != value}
        for name, value in changed.items():
            setattr(self, name, value)
        if changed:
            self.save()


class Tombstone(AbstractTombstone):
    """An account that was deleted, as a keyed hash of its id."""
