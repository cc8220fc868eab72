"""Authentication of a person by a token that auth_svc vouches for, and of another service by the shared key."""

from __future__ import annotations

import hashlib
import hmac
import threading
from concurrent.futures import Future
from copy import copy
from functools import cache
from time import time
from typing import Any

from django.conf import settings
from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from chassis.clients import Answer, ServiceClient
from chassis.contracts import SERVICE_KEY_HEADER, RemoteUser
from chassis.exceptions import ServiceUnavailable, TokenInvalid
from chassis.memory import StaleCache
from chassis.metrics.instruments import lookups

MAX_TOKEN_LENGTH = 4096


class AuthenticatedRequest(Request):
    """A request past authentication: its user is the remote account."""

    user: RemoteUser  # type: ignore[assignment]  # DRF's stubs know only Django's own user model.


class RemoteTokenAuthentication(TokenAuthentication):
    """Authenticate a Bearer token (RFC 6750) by asking auth_svc.

    A token that auth_svc refuses is a 401; that auth_svc cannot be asked is a 503. Nothing else is an answer.
    """

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[RemoteUser, str]:
        return token_validator().identify(key), key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


@cache
def token_validator() -> TokenValidator:
    """Return the process's one validator, made after the fork."""
    client = ServiceClient("auth-svc", settings.AUTH_SERVICE_URL, settings.SERVICE_KEY)
    return TokenValidator(client, stale_seconds=settings.AUTH_STALE_SECONDS)


def call_as_user(client: ServiceClient, token: str, method: str, path: str, *, params: Any = None) -> Answer:
    """Call another service with the caller's token; raise TokenInvalid, and forget the token, if it is refused there.

    The other service may have asked auth_svc later than this process has.
    """
    answer = client.call(method, path, params=params, token=token)
    if answer.status == TokenInvalid.status_code and answer.code == TokenInvalid.default_code:
        token_validator().forget(token)
        raise TokenInvalid
    return answer


class TokenValidator:
    """Asks auth_svc who a token belongs to, and remembers the answer only as long as auth_svc allows.

    Bounded, for this process alone, keyed by the token's SHA-256, never past its expiry. Concurrent misses for one
    token make one call. While auth_svc cannot be asked an answer serves for `stale_seconds` more.
    """

    def __init__(self, client: ServiceClient, *, stale_seconds: int, size: int = 10_000) -> None:
        self.client = client
        self._memory: StaleCache[bytes, RemoteUser] = StaleCache(size, stale_seconds=stale_seconds)
        self._pending: dict[bytes, Future[RemoteUser]] = {}
        self._lock = threading.Lock()

    def identify(self, token: str) -> RemoteUser:
        """Return the account of a token; raise TokenInvalid or ServiceUnavailable."""
        try:
            user, outcome = self._look_up(token)
        except TokenInvalid:
            lookups("refused").inc()
            raise
        except ServiceUnavailable:
            lookups("unavailable").inc()
            raise
        lookups(outcome).inc()
        return user

    def forget(self, token: str) -> None:
        """Ask auth_svc the next time, whatever it has said before."""
        self._memory.forget(_digest(token))

    def _look_up(self, token: str) -> tuple[RemoteUser, str]:
        """Return the account of a token, and where it was found."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise TokenInvalid
        digest = _digest(token)
        user = self._memory.get(digest)
        return (user, "fresh") if user else self._ask_once(token, digest)

    def _ask_once(self, token: str, digest: bytes) -> tuple[RemoteUser, str]:
        with self._lock:
            pending = self._pending.get(digest)
            if pending is None:
                mine = self._pending[digest] = Future()
        if pending is not None:
            return _outcome(pending), "shared"
        try:
            # Another thread's call may have ended since this one looked.
            user = self._memory.get(digest)
            found = (user, "fresh") if user else self._ask(token, digest)
            mine.set_result(found[0])
        except BaseException as error:  # Whatever it is, those who wait must hear it too.
            mine.set_exception(error)
            raise
        finally:
            with self._lock:
                del self._pending[digest]
        return found

    def _ask(self, token: str, digest: bytes) -> tuple[RemoteUser, str]:
        outcome = "stale"

        def call() -> Answer:
            nonlocal outcome
            answer = self.client.call("POST", "/auth/validate-token", json={"token": token})
            outcome = "asked"
            return answer

        user = self._memory.ask(digest, call, self._read, lifetime=lambda user: user.expires_at.timestamp() - time())
        return user, outcome

    def _read(self, answer: Answer) -> RemoteUser:
        """Believe exactly two answers: 200 with an active identity, and our own 401; all else is an outage."""
        if answer.status == 401 and answer.code == TokenInvalid.default_code:
            raise TokenInvalid
        try:
            if answer.status == 200 and answer.body["success"] is True:
                user = RemoteUser.from_wire(answer.body["data"])
                if user.expires_at.timestamp() > time():
                    return user
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            pass
        raise self.client.unusable_answer()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _outcome(pending: Future[RemoteUser]) -> RemoteUser:
    """Wait for another thread's call; raise what it raised as an exception of this thread's own."""
    error = pending.exception()
    if error is not None:
        raise copy(error)
    return pending.result()


def has_service_key(request: Any) -> bool:
    """Return whether a request comes from one of the services."""
    given = request.headers.get(SERVICE_KEY_HEADER, "")
    return hmac.compare_digest(given.encode(), settings.SERVICE_KEY.encode())


class IsService(BasePermission):
    """Allow the other services only; for everyone else the endpoint does not exist."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not has_service_key(request):
            raise NotFound
        return True
