"""Signing in, staying signed in, and saying who a token belongs to."""

from __future__ import annotations

from typing import Any

from chassis.exceptions import TokenInvalid
from chassis.operations import Operation
from django.conf import settings
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.authentication import InvalidCredentials, SessionRequest, sign_in
from accounts.models import Session
from accounts.serializers.tokens import (
    IdentitySerializer,
    LoginSerializer,
    RefreshSerializer,
    TokenPairSerializer,
    TokenSerializer,
)
from accounts.throttling import RefreshThrottle, ValidateThrottle
from accounts.tokens import identity_of, session_to_refresh, token_pair

# RFC 6749, section 5.1.
NO_STORE = {"Cache-Control": "no-store"}


class LoginView(GenericAPIView[Any]):
    """Trade an e-mail address and a password for a token pair; each login is a session of its own."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    serializer_class = LoginSerializer
    operations = {
        "POST": Operation(
            "Log in",
            id="login",
            message="Logged in.",
            errors=(InvalidCredentials, Throttled),
            response=TokenPairSerializer,
        )
    }

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        user = sign_in(request, **serializer.validated_data)
        session = Session.objects.open(user, request.headers.get("User-Agent", ""))
        if session is None:
            raise InvalidCredentials
        return Response(token_pair(session), headers=NO_STORE)


class RefreshView(GenericAPIView[Any]):
    """Trade a refresh token, once, for the next pair.

    Repeating it within ten seconds, from the same kind of client and before a token of the pair has been used, gives
    the same pair again, for a client that lost the answer. Any other repetition ends the session: somebody else has
    the token.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (RefreshThrottle,)
    serializer_class = RefreshSerializer
    operations = {
        "POST": Operation(
            "Refresh a token pair",
            id="refreshTokens",
            message="Refreshed.",
            errors=(TokenInvalid, Throttled),
            response=TokenPairSerializer,
        )
    }

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        token = serializer.validated_data["refresh_token"]
        session = session_to_refresh(token, request.headers.get("User-Agent", ""))
        return Response(token_pair(session), headers=NO_STORE)


class ValidateTokenView(GenericAPIView[Any]):
    """Say who an access token belongs to, from the body or the Authorization header.

    `Cache-Control: private, max-age=N` says for how many seconds the answer may be remembered.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ValidateThrottle,)
    serializer_class = TokenSerializer
    operations = {
        "POST": Operation(
            "Validate an access token",
            id="validateToken",
            message="The token is valid.",
            errors=(TokenInvalid, Throttled),
            response=IdentitySerializer,
        )
    }

    def post(self, request: Request) -> Response:
        identity = identity_of(self._token(request))
        cache_control = f"private, max-age={settings.TOKEN_CACHE_SECONDS}"
        return Response(identity, headers={"Cache-Control": cache_control})

    def _token(self, request: Request) -> str:
        scheme, _, bearer = get_authorization_header(request).partition(b" ")
        if scheme.lower() == b"bearer" and "token" not in _object(request.data):
            return bearer.decode("latin-1").strip()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        token: str = serializer.validated_data["token"]
        return token


class LogoutView(GenericAPIView[Any]):
    """End the session of the token: neither it nor its refresh token is good any more."""

    operations = {"POST": Operation("Log out", id="logout", message="Logged out.", takes_body=False, gives_data=False)}

    def post(self, request: SessionRequest) -> Response:
        request.auth.revoke()
        return Response(None)


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValidationError({"non_field_errors": ["The body is not a JSON object."]})
    return data
