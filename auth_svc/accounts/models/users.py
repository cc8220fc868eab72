"""Accounts, and who is known to own their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from chassis.db.constraints import violated_constraint
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission, PermissionsMixin
from django.core.validators import RegexValidator
from django.db import IntegrityError, models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower
from django.utils import timezone
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from accounts.models.sessions import Session

models.EmailField.register_lookup(Lower)

# Lower case is the same in Python and in every collation for ASCII only, and one person's address must be one account.
validate_ascii = RegexValidator(r"^[\x21-\x7e]*\Z", "Write the address in ASCII, an international domain as xn--.")

# No mail server answers for this domain (RFC 2606, section 2).
SET_ASIDE = "set-aside.invalid"
# Stands for every erased account in the log of what staff did; nobody signs in with it, and nobody changes it.
ERASED = UUID(int=0)
# The constraint that keeps one account an address.
UNIQUE_EMAIL = "user_email_unique"


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
            except IntegrityError as error:
                if violated_constraint(error) != UNIQUE_EMAIL:
                    raise
                # Somebody else has made an account of this address meanwhile, perhaps by registering it.
                return self.provision(email)

    def manageable_by(self, actor: User) -> models.QuerySet[User]:
        """Return the accounts that a user of the admin may change: never one with rights that they lack.

        Only a superuser manages other staff: what those may do in the other services is not known here.
        """
        others = self.exclude(pk=ERASED)
        if actor.is_superuser:
            return others
        held_by = Q(user=OuterRef("pk")) | Q(group__user=OuterRef("pk"))
        lacking = Permission.objects.filter(held_by).exclude(pk__in=actor.granted_permissions())
        without_more_rights = Q(is_staff=False, is_superuser=False) & ~Exists(lacking)
        return others.filter(Q(pk=actor.pk) | without_more_rights)


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

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name=UNIQUE_EMAIL)]
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
        """Lock the row until the transaction ends; return whether the password that was checked is still the account's.

        Checking takes a while, in which the password may change, or the account be closed or deleted.
        """
        rows = User.objects.select_for_update(no_key=True)
        return rows.filter(pk=self.pk, password=self.password, is_active=True).exists()

    def change_password(self, password: str | None, *, keep: Session | None = None) -> None:
        """Set a new password and end every session but the one that asked for it."""
        with transaction.atomic():
            self.password = make_password(password)
            self.save(update_fields=["password"])
            self._shut_out(keep)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save; a new password from `set_password`, as in Django's `changepassword`, ends every session too."""
        given = self._password  # type: ignore[attr-defined]  # The stubs leave it out.
        is_changed = given is not None and not self._state.adding
        with transaction.atomic():
            super().save(*args, **kwargs)
            if is_changed:
                self._shut_out()

    def _shut_out(self, keep: Session | None = None) -> None:
        """End every session but one, and forget the clients: one that knew the old password only is a stranger now."""
        self.known_clients.all().delete()
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
