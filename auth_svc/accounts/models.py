"""Accounts, the sessions behind every token pair, and the counters of the rate limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import IntegrityError, models, transaction
from django.db.models import F
from django.db.models.functions import Least, Lower
from django.utils import timezone
from uuid_utils.compat import uuid7

models.EmailField.register_lookup(Lower)

# Lower case is the same in Python and in every collation for ASCII only, and one person's address must be one account.
validate_ascii = RegexValidator(r"^[\x21-\x7e]*\Z", "Write the address in ASCII, an international domain as xn--.")

# How long the row of a session that was ended is kept.
ENDED_KEPT = timedelta(days=1)


class UserManager(BaseUserManager["User"]):
    """Finds and makes accounts; an e-mail address is one account in whatever case it is written."""

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__lower=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def provision(self, email: str) -> User:
        """Return the account of an address, made without a usable password if there is none yet."""
        try:
            with transaction.atomic():
                return self.create_user(email)
        except IntegrityError:
            return self.get_by_natural_key(email)


class User(AbstractBaseUser, PermissionsMixin):
    """An account: an e-mail address and a password, which may be inactive."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, validators=[validate_ascii])
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May use the admin and see the whole directory.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]
        indexes = [models.Index(F("created_at").desc(), F("id").desc(), name="user_created")]

    def __str__(self) -> str:
        return self.email

    def lock_if_unchanged(self) -> bool:
        """Lock the row until the transaction ends; tell whether the password that was checked is still the account's.

        Checking takes a while, in which the password may change, or the account be closed or deleted.
        """
        rows = User.objects.select_for_update(no_key=True)
        return rows.filter(pk=self.pk, password=self.password, is_active=True).exists()

    def change_password(self, password: str | None, *, keep: Session | None = None) -> None:
        """Set a new password and end every session but the one that asked for it."""
        with transaction.atomic():
            self.set_password(password)
            self.save(update_fields=["password"])
            (self.sessions.exclude(pk=keep.pk) if keep else self.sessions.all()).revoke()

    def deactivate(self) -> None:
        """Close the account to its owner; reactivation does not bring its sessions back."""
        with transaction.atomic():
            self.is_active = False
            self.save(update_fields=["is_active"])
            self.sessions.all().revoke()


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
        """Keep the sessions that nobody has ended and that last beyond an instant: now, unless it is given."""
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


class RateCounter(models.Model):
    """The instants at which something limited was done under one key, within the limit's window."""

    key = models.CharField(primary_key=True, max_length=200)
    hits = ArrayField(models.DateTimeField())
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
