"""Staff of auth_svc in another service's admin: auth_svc says who they are, this service what they may do here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.contrib.auth.models import User
from rest_framework.exceptions import NotFound, Throttled

from chassis.clients import Answer, ServiceClient
from chassis.contracts import client_address
from chassis.erasure import delete_admin_user
from chassis.memory import StaleCache


@dataclass(frozen=True, slots=True)
class StaffIdentity:
    """An active staff account, as auth_svc vouched for it; `session_hash` changes with its password."""

    id: UUID
    email: str
    is_superuser: bool
    session_hash: str

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> StaffIdentity:
        """Read an answer of auth_svc; raise KeyError, TypeError or ValueError if it is anything else."""
        if not isinstance(data["is_superuser"], bool) or not data["session_hash"]:
            raise ValueError("not the identity of a staff account")
        return cls(UUID(data["id"]), str(data["email"]), data["is_superuser"], str(data["session_hash"]))

    def fields(self) -> dict[str, Any]:
        """Return what the local user mirrors; the admin greets people by their first name, so that is the address.

        The password is none that anybody can type: Django ends a session whose user's password field has changed,
        and this one changes with the fingerprint.
        """
        return {
            "email": self.email,
            "first_name": self.email[:150],
            "is_active": True,
            "is_staff": True,
            "is_superuser": self.is_superuser,
            "password": UNUSABLE_PASSWORD_PREFIX + self.session_hash,
        }


class StaffDirectory:
    """Asks auth_svc who is staff, and remembers an answer only as long as auth_svc allows.

    While auth_svc cannot be asked an answer serves for `stale_seconds` more; without one nobody gets in.
    """

    def __init__(self, client: ServiceClient, *, stale_seconds: int, size: int = 1_000) -> None:
        self.client = client
        self._memory: StaleCache[UUID, StaffIdentity] = StaleCache(size, stale_seconds=stale_seconds)

    def sign_in(self, email: str, password: str, address: str) -> StaffIdentity | None:
        """Return the staff account with these credentials; raise Throttled or ServiceUnavailable."""
        credentials = {"email": email, "password": password, "address": address}
        answer = self.client.call("POST", "/internal/staff", json=credentials)
        if answer.code in ("invalid_credentials", "validation_error"):
            return None
        if answer.status == 429:
            raise Throttled(int(answer.headers.get("Retry-After", "60")))
        return self._read(answer)

    def find(self, account_id: UUID, *, fresh: bool = False) -> StaffIdentity | None:
        """Return an account while it is active staff; raise ServiceUnavailable. `fresh` takes no remembered answer."""

        def call() -> Answer:
            return self.client.call("GET", f"/internal/staff/{account_id}")

        identity = None if fresh else self._memory.get(account_id)
        try:
            return identity or self._memory.ask(account_id, call, self._read_found, stale=not fresh)
        except NotFound:
            return None

    def _read_found(self, answer: Answer) -> StaffIdentity:
        if answer.code == NotFound.default_code:
            raise NotFound
        return self._read(answer)

    def _read(self, answer: Answer) -> StaffIdentity:
        try:
            if answer.status == 200:
                return StaffIdentity.from_wire(answer.body)
        except (KeyError, TypeError, ValueError, AttributeError):
            pass
        raise self.client.unusable_answer()


@cache
def staff_directory() -> StaffDirectory:
    """Return the process's one directory, made after the fork."""
    client = ServiceClient("auth-svc", settings.AUTH_SERVICE_URL, settings.SERVICE_KEY)
    return StaffDirectory(client, stale_seconds=settings.AUTH_STALE_SECONDS)


class StaffBackend(ModelBackend):
    """Sign in with an account of auth_svc, mirrored by a local user whose name is the account's id."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if not username or not password:
            return None
        identity = staff_directory().sign_in(username, password, client_address(request))
        if identity is None:
            return None
        return User.objects.update_or_create(identity.fields(), username=str(identity.id))[0]

    def get_user(self, user_id: Any) -> User | None:
        """Return the local user while auth_svc vouches for the account, brought up to date with it."""
        user = User.objects.filter(pk=user_id).first()
        if user is None:
            return None
        try:
            account_id = UUID(user.username)
        except ValueError:
            return None
        identity = staff_directory().find(account_id)
        if identity is not None and not _mirrors(user, identity):
            # Another process has heard something else, and only auth_svc knows which of the two is newer.
            identity = staff_directory().find(account_id, fresh=True)
        _update(user, identity.fields() if identity else {"is_staff": False, "is_superuser": False})
        return user if identity else None


def erase_mirror(account_id: UUID) -> None:
    """Delete the local user of an account that is deleted, if it ever signed in here."""
    for user in User.objects.filter(username=str(account_id)):
        delete_admin_user(user, _erased_user)


def _erased_user() -> User:
    nobody = {"is_active": False, "password": make_password(None)}
    return User.objects.get_or_create(username="erased", defaults=nobody)[0]


def _mirrors(user: User, identity: StaffIdentity) -> bool:
    return all(getattr(user, name) == value for name, value in identity.fields().items())


def _update(user: User, fields: Mapping[str, Any]) -> None:
    changed = {name: value for name, value in fields.items() if getattr(user, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(user, name, value)
        user.save(update_fields=list(changed))
