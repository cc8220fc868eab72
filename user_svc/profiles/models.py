"""Profiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils.timezone import now


class ProfileQuerySet(models.QuerySet["Profile"]):
    """Queries over profiles."""

    def owned_by(self, user_id: UUID) -> ProfileQuerySet:
        return self.filter(user_id=user_id)


class Profile(models.Model):
    """What one account says about its owner; its id is the account's. The e-mail is contact data, not a login."""

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

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over changed values; updated_at follows. No change leaves all as it is."""
        changed = {name: value for name, value in changes.items() if getattr(self, name) != value}
        for name, value in changed.items():
            setattr(self, name, value)
        if changed:
            self.save()
