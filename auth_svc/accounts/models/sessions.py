"""The sessions behind every token pair."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone
from uuid_utils.compat import uuid7

from accounts.metrics import refresh_reuses
from accounts.models.users import User

# How long the row of a session that was ended is kept.
ENDED_KEPT = timedelta(days=1)


def stored_user_agent(header: str) -> str:
    """Return as much of a User-Agent as a session keeps."""
    return header[:200]


class SessionQuerySet(models.QuerySet["Session"]):
    """Queries over sessions."""

    def open(self, user: User, user_agent: str = "") -> Session | None:
        """Start a session for somebody who has just proved who they are; None if that holds no longer.

        Beyond MAX_SESSIONS the account's oldest live session ends. The account's lock makes logins take turns.
        """
        expires_at = timezone.now() + settings.SESSION_LIFETIME
        with transaction.atomic():
            if not user.lock_if_unchanged():
                return None
            surplus = user.sessions.live().order_by("-created_at", "-id")[settings.MAX_SESSIONS - 1 :]
            self.filter(pk__in=surplus.values("pk")).revoke()
            return self.create(user=user, user_agent=stored_user_agent(user_agent), expires_at=expires_at)

    def live(self, at: Any = None) -> SessionQuerySet:
        """Keep the sessions that nobody has ended and that last beyond a timestamp: now, unless it is given."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now() if at is None else at)

    def revoke(self) -> int:
        """End the live sessions; their rows are kept for a day, for the admin."""
        now = timezone.now()
        return self.filter(revoked_at=None).update(revoked_at=now, expires_at=Least("expires_at", now + ENDED_KEPT))

    def rotate(self, session_id: UUID, rotation: int, user_agent: str) -> Session | None:
        """Advance a session by one refresh; return it, or None if the refresh token is not good any more.

        One conditional UPDATE decides which request rotates. A client that repeats the previous token has lost the
        answer and gets it again; anything else is theft and ends the session (RFC 9700, section 4.14.2).
        """
        user_agent = stored_user_agent(user_agent)
        with transaction.atomic():
            good = self._advance(session_id, rotation, user_agent) or self._repeat(session_id, rotation, user_agent)
            session = self.live().select_related("user").filter(pk=session_id).first()
            if session is None or not session.user.is_active:
                return None
            if good:
                return session
            session.revoke()
            transaction.on_commit(refresh_reuses.inc)
            return None

    def _advance(self, session_id: UUID, rotation: int, user_agent: str) -> int:
        now = timezone.now()
        return (
            self.live(now)
            .filter(pk=session_id, rotation=rotation)
            .update(
                rotation=rotation + 1,
                rotated_at=now,
                expires_at=now + settings.SESSION_LIFETIME,
                user_agent=user_agent,
                is_used=False,
            )
        )

    def _repeat(self, session_id: UUID, rotation: int, user_agent: str) -> int:
        """Note that a token is repeated, if it may be: soon, unused, and by the kind of client that rotated.

        Once a token of the new pair has been used its client has the answer, so that somebody else is asking.
        """
        earliest = timezone.now() - settings.REFRESH_GRACE
        repeatable = self.live().filter(is_used=False, user_agent=user_agent, rotated_at__gte=earliest)
        return repeatable.filter(pk=session_id, rotation=rotation + 1).update(repeated=True)

    def note_use(self, session_id: UUID, rotation: int) -> None:
        """Note that a token of a session's current rotation has been used."""
        self.filter(pk=session_id, rotation=rotation, is_used=False).update(is_used=True)


class Session(models.Model):
    """One sign-in on one device: what every token of it refers to. It holds the rotation number, never a token."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Its index is the one below: with one of its own, PostgreSQL would read and sort all sessions of an account.
    user = models.ForeignKey(User, models.CASCADE, related_name="sessions", db_index=False)
    rotation = models.PositiveIntegerField(default=0)
    # The database's own defaults are for the release before this one, which still runs while this one migrates.
    is_used = models.BooleanField(
        default=False, db_default=False, help_text="A token of the current rotation has been used."
    )
    repeated = models.BooleanField(
        default=False, db_default=False, help_text="A refresh token was repeated, and its answer given again."
    )
    user_agent = models.CharField(max_length=200, blank=True, help_text="Of the login or the last refresh.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    rotated_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(F("user"), F("created_at"), F("id"), name="session_created")]

    def __str__(self) -> str:
        return f"session {self.pk}"

    def revoke(self) -> None:
        """End the session: every token of it is dead."""
        Session.objects.filter(pk=self.pk).revoke()

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now() and self.user.is_active

    @property
    def access_expires_at(self) -> datetime:
        return min(self.rotated_at + settings.ACCESS_TOKEN_LIFETIME, self.expires_at)
