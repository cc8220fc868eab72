"""The account's password: changed, or reset by a token sent to its mailbox."""

from __future__ import annotations

from chassis.operations import Operation
from chassis.tracing import trace_arguments
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.utils.http import urlsafe_base64_decode
from rest_framework.exceptions import Throttled, ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import jobs
from accounts.authentication import SessionRequest
from accounts.models import User
from accounts.proofs import WrongPassword, confirm_password, remember_client
from accounts.serializers.passwords import (
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
    check_password_strength,
)
from accounts.throttling import (
    MAILBOX_SCOPES,
    WITH_ACCOUNT,
    WITHOUT_ACCOUNT,
    ResetConfirmThrottle,
    ResetThrottle,
    forget_failures,
    reserve,
)


class ResetTokenInvalid(ValidationError):
    """The reset token is forged, used or more than an hour old."""

    def __init__(self) -> None:
        super().__init__({"token": ["The token is invalid, used or expired."]})


class AlreadyProved(ValidationError):
    """The owner of the account is known, so that nobody else can have made it."""

    def __init__(self) -> None:
        reason = "The owner of this account has proved to own its address, so it is not replaced; leave this out."
        super().__init__({"start_afresh": [reason]})


class PasswordChangeView(GenericAPIView[User]):
    """Change the password and end every other session of the account."""

    tag = "account"
    serializer_class = PasswordChangeSerializer
    operations = {
        "POST": Operation(
            "Change my password",
            id="changePassword",
            message="The password is changed.",
            errors=(WrongPassword, Throttled),
            gives_data=False,
        )
    }

    def post(self, request: SessionRequest) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        confirm_password(request, serializer.validated_data["old_password"])
        with transaction.atomic():
            if not request.user.lock_if_unchanged():
                raise WrongPassword
            request.user.change_password(serializer.validated_data["new_password"], keep=request.auth)
            remember_client(request, request.user)
        return Response(None)


class PasswordResetView(GenericAPIView[User]):
    """Send a reset token, good once and for one hour, to an address; the answer never says if it has an account.

    A mailbox gets at most one mail in two minutes and three in an hour, however many clients ask. Further requests get
    the same answer but send no mail; the last token stays valid.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ResetThrottle,)
    tag = "account"
    serializer_class = PasswordResetSerializer
    operations = {
        "POST": Operation(
            "Ask for a password reset",
            id="requestPasswordReset",
            message="If there is an account with this address, an e-mail is on its way.",
            errors=(Throttled,),
            gives_data=False,
        )
    }

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        email = serializer.validated_data["email"].lower()
        account = User.objects.filter(email__lower=email).first()
        # One job in any case: neither the answer nor its timing may show whether there is an account, or a mail.
        # Counted by address, so that an account which is deleted and made anew gets no more mails. Requests for which
        # there was no account, and so no mail, count apart.
        kind = WITH_ACCOUNT if account else WITHOUT_ACCOUNT
        is_due = all(reserve(scope, email, kind).granted for scope in MAILBOX_SCOPES)
        account_id = str(account.pk) if account and is_due else None
        jobs.send_reset_token.defer(account_id=account_id, **trace_arguments())
        return Response(None)


class PasswordResetConfirmView(GenericAPIView[User]):
    """Set a new password with the token from the e-mail, and end every session of the account.

    With `start_afresh` an account that somebody else made for the address is set aside with all that belongs to it,
    and the address gets a new, empty account. This is refused once a mailed token has been used for the account, or
    if staff made it.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (ResetConfirmThrottle,)
    tag = "account"
    serializer_class = PasswordResetConfirmSerializer
    operations = {
        "POST": Operation(
            "Reset the password",
            id="resetPassword",
            message="The password is changed.",
            errors=(Throttled,),
            gives_data=False,
        )
    }

    def post(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        password = serializer.validated_data["new_password"]
        # The row lock makes the token good once even for two who use it at the same time.
        with transaction.atomic():
            user = self._user(serializer.validated_data["token"])
            check_password_strength(password, user, "new_password")
            if not serializer.validated_data["start_afresh"]:
                user.reset_password(password)
            elif user.owns_email:
                raise AlreadyProved
            else:
                user = user.replace(user.email, password)
            forget_failures(user.email)
            remember_client(request, user)
        return Response(None)

    def _user(self, token: str) -> User:
        uid, _, secret = token.partition(".")
        try:
            user = User.objects.select_for_update().get(pk=urlsafe_base64_decode(uid).decode(), is_active=True)
        except (User.DoesNotExist, ValueError, DjangoValidationError) as error:
            raise ResetTokenInvalid from error
        if not default_token_generator.check_token(user, secret):
            raise ResetTokenInvalid
        return user
