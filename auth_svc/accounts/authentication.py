"""Who is calling auth_svc: its own tokens need no other service, and a password check costs the same for everyone."""

from __future__ import annotations

from chassis.exceptions import Unauthorized
from chassis.forwarded import client_address
from django.contrib.auth.hashers import make_password
from rest_framework.authentication import TokenAuthentication
from rest_framework.request import Request

from accounts.models import Session, User
from accounts.throttling import client_of, reserve_all
from accounts.tokens import session_of


class InvalidCredentials(Unauthorized):
    """Wrong e-mail address or wrong password; which of them is not said."""

    default_detail = "The e-mail address or the password is wrong."
    default_code = "invalid_credentials"
    headers = {"WWW-Authenticate": 'Bearer realm="api"'}


class SessionRequest(Request):
    """A request past authentication: its user is the account, its auth the session."""

    user: User
    auth: Session


class SessionTokenAuthentication(TokenAuthentication):
    """Authenticate a Bearer token (RFC 6750) against its session."""

    keyword = "Bearer"

    def authenticate_credentials(self, key: str) -> tuple[User, Session]:
        session = session_of(key)
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def sign_in(request: Request, email: str, password: str, address: str | None = None) -> User:
    """Return the active account with these credentials; raise InvalidCredentials or Throttled.

    A place under the limits is taken before the password is hashed, whether or not the account exists, and given
    back on success. Both outcomes hash once.
    """
    client = client_of(address or client_address(request))
    # The client first: one that is refused leaves no counter behind for every address that it invents.
    reservations = reserve_all(("login_ip", client), ("login", email.lower()))
    user = User.objects.filter(email__lower=email.lower()).first()
    if user is None:
        make_password(password)
    if user is None or not user.check_password(password) or not user.is_active:
        raise InvalidCredentials
    for reservation in reservations:
        reservation.release()
    return user
