"""The JSON Web Tokens (RFC 7519) of a session: everything in them derives from its row, so none is ever stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Self
from uuid import UUID, uuid5

from chassis.authentication import MAX_TOKEN_LENGTH
from chassis.db.rows import RowQuery
from chassis.exceptions import TokenInvalid
from chassis.timestamps import six_digits
from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.tokens import Token

from accounts.models import Session

ISSUER = "auth-svc"
AUDIENCE = "task-manager"
# How far the clock of the replica that signed a token may be ahead.
LEEWAY = timedelta(seconds=30)
MAX_ROTATION = 2**31 - 1

# The columns of what validate-token answers.
IDENTITY = {
    "user_id": "user_id",
    "email": "user__email",
    "is_active": "user__is_active",
    "is_staff": "user__is_staff",
    "created_at": "user__created_at",
}
IDENTITIES = RowQuery(
    get_queryset=lambda session_id, at: Session.objects.live(at).filter(pk=session_id, user__is_active=True),
    columns=(*IDENTITY.values(), "rotation", "is_used"),
)


class RotatingTokenBackend(TokenBackend):
    """Signs with the current key; accepts the previous one too, so that changing keys logs nobody out."""

    def __init__(self, algorithm: str, key: str, previous_key: str) -> None:
        options: dict[str, Any] = {"audience": AUDIENCE, "issuer": ISSUER, "leeway": LEEWAY}
        super().__init__(algorithm, key, **options)
        self.previous = TokenBackend(algorithm, previous_key, **options) if previous_key else None

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        try:
            return super().decode(token, verify)
        except TokenBackendError:
            if self.previous is None:
                raise
            return self.previous.decode(token, verify)


@cache
def token_backend() -> RotatingTokenBackend:
    """Return the process's one signer."""
    return RotatingTokenBackend(settings.JWT_ALGORITHM, settings.JWT_SIGNING_KEY, settings.JWT_PREVIOUS_KEY)


class SessionToken(Token):
    """A token of a session: signed again from the same row it has the same bytes."""

    def get_token_backend(self) -> TokenBackend:
        return token_backend()

    @classmethod
    def sign(cls, session: Session, expires_at: datetime, **claims: Any) -> str:
        """Return the signed token of a session's current rotation."""
        token = cls()
        token.payload = {
            "token_type": cls.token_type,
            "iat": int(session.rotated_at.timestamp()),
            "exp": int(expires_at.timestamp()),
            "jti": cls.identifier(session.pk, session.rotation),
            "sid": str(session.pk),
            **claims,
        }
        return str(token)

    @classmethod
    def identifier(cls, session_id: UUID, rotation: int) -> str:
        """Return the `jti` of a session's token in one rotation."""
        return str(uuid5(session_id, f"{cls.token_type}:{rotation}"))

    def verify(self) -> None:
        """Take whole numbers as times only: PyJWT also takes what can be made one, such as "1", 1.5 and true."""
        if any(type(self.payload[claim]) is not int for claim in ("exp", "iat", "nbf") if claim in self.payload):
            raise TokenError("A time is not a whole number.")
        super().verify()
        # The leeway is for iat and nbf: nothing lives longer than it says.
        if self["exp"] <= self.current_time.timestamp():
            raise TokenError("The token has expired.")

    @classmethod
    def read(cls, raw: str) -> Self:
        """Return a token whose signature, type, issuer, audience and expiry are good; else raise TokenInvalid."""
        if len(raw) > MAX_TOKEN_LENGTH:
            raise TokenInvalid
        try:
            return cls(raw)  # type: ignore[arg-type]  # simplejwt takes the encoded token here.
        # A number too large for a date overflows, and JSON nested too deeply ends in a RecursionError.
        except (TokenError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise TokenInvalid from error

    @property
    def session_id(self) -> UUID:
        try:
            return UUID(self.payload["sid"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise TokenInvalid from error


class AccessToken(SessionToken):
    """The token that a client sends with every request."""

    token_type = "access"  # noqa: S105  # The name of a kind of token.
    lifetime = timedelta(0)

    def note_use(self, rotation: int, *, is_used: bool) -> None:
        """Note that its session's current rotation is used, once, if it is of that rotation."""
        if not is_used and self["jti"] == self.identifier(self.session_id, rotation):
            Session.objects.note_use(self.session_id, rotation)

    @classmethod
    def of(cls, session: Session) -> str:
        user = session.user
        return cls.sign(
            session,
            session.access_expires_at,
            user_id=str(user.pk),
            email=user.email,
            is_active=user.is_active,
            created_at=user.created_at.isoformat(),
        )


class RefreshToken(SessionToken):
    """The token that a client exchanges, once, for the next pair: a session and its rotation number."""

    token_type = "refresh"  # noqa: S105  # The name of a kind of token.
    lifetime = timedelta(0)

    @classmethod
    def of(cls, session: Session) -> str:
        return cls.sign(session, session.expires_at, rotation=session.rotation)

    @property
    def rotation(self) -> int:
        rotation = self.payload.get("rotation")
        if type(rotation) is not int or not 0 <= rotation < MAX_ROTATION:
            raise TokenInvalid
        return rotation


def token_pair(session: Session) -> dict[str, Any]:
    """Return the answer to a login or refresh (RFC 6749, section 5.1); `expires_in` is in seconds."""
    remaining = session.access_expires_at - timezone.now()
    return {
        "access_token": AccessToken.of(session),
        "refresh_token": RefreshToken.of(session),
        "token_type": "bearer",
        "expires_in": int(remaining.total_seconds()),
    }


def identity_of(raw: str) -> dict[str, Any]:
    """Return who an access token of a live session belongs to, and its expiry; else raise TokenInvalid."""
    token = AccessToken.read(raw)
    found = IDENTITIES.filter(session_id=token.session_id, at=timezone.now()).read()
    if not found.values:
        raise TokenInvalid
    *identity, rotation, is_used = found.values[0]
    token.note_use(rotation, is_used=is_used)
    known = dict(zip(IDENTITY, identity, strict=True))
    expires_at = datetime.fromtimestamp(token["exp"], UTC)
    return {**known, "created_at": six_digits(known["created_at"]), "expires_at": six_digits(expires_at)}


def session_of(raw: str) -> Session:
    """Return the live session of an access token, with its user; else raise TokenInvalid."""
    token = AccessToken.read(raw)
    session = Session.objects.select_related("user").filter(pk=token.session_id).first()
    if session is None or not session.is_live:
        raise TokenInvalid
    token.note_use(session.rotation, is_used=session.is_used)
    return session


def session_to_refresh(raw: str, user_agent: str) -> Session:
    """Return the session of a refresh token, rotated for a client; else raise TokenInvalid."""
    token = RefreshToken.read(raw)
    session = Session.objects.rotate(token.session_id, token.rotation, user_agent)
    if session is None:
        raise TokenInvalid
    return session
