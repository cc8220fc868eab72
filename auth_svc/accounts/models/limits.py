"""The counters of rate limits, and the clients that an account knows."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models.users import User


class KnownClientQuerySet(models.QuerySet["KnownClient"]):
    """Queries over known clients."""

    def knows(self, account: str, client: str) -> bool:
        """Return whether the client has signed in to the account lately; the cost is the same for unknown accounts."""
        since = timezone.now() - KnownClient.KNOWN_FOR
        return self.filter(digest=KnownClient.digest_of(account, client), last_used_at__gt=since).exists()

    def remember(self, user: User, client: str) -> None:
        """Note that the client has signed in, and forget the oldest of too many."""
        known = KnownClient(user=user, digest=KnownClient.digest_of(str(user.pk), client), last_used_at=timezone.now())
        self.bulk_create([known], update_conflicts=True, unique_fields=["digest"], update_fields=["last_used_at"])
        newest = self.filter(user=user).order_by("-last_used_at")[: KnownClient.MOST]
        self.filter(user=user).exclude(pk__in=newest.values("pk")).delete()


class KnownClient(models.Model):
    """A client that has signed in to an account, as a keyed hash of both (OWASP's device cookie, without a cookie)."""

    KNOWN_FOR = timedelta(days=90)
    MOST = 100

    digest = models.CharField(primary_key=True, max_length=64)
    # Without a constraint: the release before this one deletes accounts, too, and knows nothing of this table.
    user = models.ForeignKey(User, models.CASCADE, related_name="known_clients", db_constraint=False)
    last_used_at = models.DateTimeField(db_index=True)

    objects = KnownClientQuerySet.as_manager()

    def __str__(self) -> str:
        return self.digest

    @staticmethod
    def digest_of(account: str, client: str) -> str:
        return salted_hmac("accounts.KnownClient", f"{account} {client}", algorithm="sha256").hexdigest()


class RateCounter(models.Model):
    """The timestamps at which something limited was done under one key, within the limit's window."""

    key = models.CharField(primary_key=True, max_length=200)
    hits = ArrayField(models.DateTimeField())
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
