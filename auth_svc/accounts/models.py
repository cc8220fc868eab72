"""Accounts, the sessions behind every token pair, and the counters of the rate limits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Permission, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Least, Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from uuid_utils.compat import uuid7

models.EmailField.register_lookup(Lower)

# Lower case is the same in Python and in every collation for ASCII only, and one person's address must be one account.
validate_ascii = RegexValidator(r"^[\x21-\x7e]*\Z", "Write the address in ASCII, an international domain as xn--.")

# No mail server answers for this domain (RFC 2606, section 2).
SET_ASIDE = "set-aside.invalid"
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
        given = {"is_staff": True, "is_superuser": True, "email_verified_at": timezone.now()}
        return self.create_user(email, password, **given | fields)

    def provision(self, email: str) -> User:
        """Return the account that is known to belong to an address, made without a usable password if there is none.

        An account whose owner has never proved to own the address is set aside: anybody may have registered it.
        """
        with transaction.atomic():
            # Others who provision the address wait for the lock, and then find the account made here.
            account = self.select_for_update().filter(email__lower=email.lower()).first()
            if account is not None:
                return account if account.owns_email else account.replace(email)
            try:
                with transaction.atomic():
                    return self.create_user(email, email_verified_at=timezone.now())
            except IntegrityError:
                # Somebody else has made an account of this address meanwhile, perhaps by registering it.
                return self.provision(email)

    def manageable_by(self, actor: User) -> models.QuerySet[User]:
        """Return the accounts that a user of the admin may change: never one with rights that they lack.

        Only a superuser manages other staff: what those may do in the other services is not known here.
        """
        if actor.is_superuser:
            return self.all()
        held_by = Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk"))
        lacking = Permission.objects.filter(held_by).exclude(pk__in=actor.granted_permissions())
        without_more_rights = Q(is_staff=False, is_superuser=False) & ~Exists(lacking)
        return self.filter(Q(pk=actor.pk) | without_more_rights)


class User(AbstractBaseUser, PermissionsMixin):
    """An account: an e-mail address and a password, which may be inactive."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(max_length=254, validators=[validate_ascii])
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May use the admin and see the whole directory.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    email_verified_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text="Since when the address is known to be the owner's: staff gave it, or a mailed token was used.",
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique")]
        indexes = [models.Index(F("created_at").desc(), F("id").desc(), name="user_created")]

    def __str__(self) -> str:
        return self.email

    @property
    def owns_email(self) -> bool:
        """Return whether the address is known to be the owner's; staff accounts are made by staff."""
        return self.email_verified_at is not None or self.is_staff or self.is_superuser

    def granted_permissions(self) -> models.QuerySet[Permission]:
        """Return the permissions of the account and of its groups, active or not."""
        return Permission.objects.filter(Q(user=self) | Q(group__user=self))

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

    def reset_password(self, password: str) -> None:
        """Set the password of somebody who has used a mailed token, which proves that the address is theirs."""
        with transaction.atomic():
            self.email_verified_at = timezone.now()
            self.save(update_fields=["email_verified_at"])
            self.change_password(password)

    def replace(self, email: str, password: str | None = None) -> User:
        """Set the account aside, and return a new one that owns the address.

        What belongs to this account stays with it, out of the reach of both owners: nobody can sign in to it.
        """
        with transaction.atomic():
            self.email = f"{uuid4()}@{SET_ASIDE}"
            self.email_verified_at = None
            self.save(update_fields=["email", "email_verified_at"])
            self.change_password(None)
            self.deactivate()
            return User.objects.create_user(email, password, email_verified_at=timezone.now())

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
    user = models.ForeignKey(User, models.CASCADE, related_name="known_clients")
    last_used_at = models.DateTimeField(db_index=True)

    objects = KnownClientQuerySet.as_manager()

    def __str__(self) -> str:
        return self.digest

    @staticmethod
    def digest_of(account: str, client: str) -> str:
        return salted_hmac("accounts.KnownClient", f"{account} {client}", algorithm="sha256").hexdigest()


class RateCounter(models.Model):
    """The instants at which something limited was done under one key, within the limit's window."""

    key = models.CharField(primary_key=True, max_length=200)
    hits = ArrayField(models.DateTimeField())
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.key
