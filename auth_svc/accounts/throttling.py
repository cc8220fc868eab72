"""Rate limits counted in PostgreSQL: one row a key, one atomic statement a request, a window that slides."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from chassis.authentication import has_service_key
from chassis.contracts import client_address
from chassis.environment import Rate
from chassis.exceptions import ServiceUnavailable
from chassis.metrics.instruments import limit_refusals
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import RateCounter

# The conflicting row is locked while its hits are recounted, so no two requests can both take the last place.
RESERVE = """
    INSERT INTO accounts_ratecounter AS counter (key, hits, expires_at)
    VALUES (%(key)s, ARRAY[%(now)s::timestamptz], %(now)s::timestamptz + %(window)s)
    ON CONFLICT (key) DO UPDATE SET
        expires_at = greatest(counter.expires_at, excluded.expires_at),
        hits = (
            SELECT CASE WHEN count(*) < %(limit)s
                THEN coalesce(array_agg(hit ORDER BY hit), '{}') || excluded.hits
                ELSE array_agg(hit ORDER BY hit) END
            FROM unnest(counter.hits) AS hit WHERE hit > %(now)s::timestamptz - %(window)s
        )
    RETURNING %(now)s = ANY (hits), hits[1]
"""
# The limits of reset mails to one address, which is counted once with and once without an account.
MAILBOX_SCOPES = ("reset_pause", "reset_mailbox")
WITH_ACCOUNT, WITHOUT_ACCOUNT = "with account", "without account"
RELEASE = "UPDATE accounts_ratecounter SET hits = array_remove(hits, %(now)s::timestamptz) WHERE key = %(key)s"


@dataclass(frozen=True, slots=True)
class Reservation:
    """A place taken under a limit, or the seconds until one is free."""

    key: str
    at: datetime
    granted: bool
    wait: float

    def release(self) -> None:
        """Give the place back: what it was taken for was no abuse."""
        with connection.cursor() as cursor:
            cursor.execute(RELEASE, {"key": self.key, "now": self.at})


def key_of(scope: str, *subjects: str) -> str:
    """Return the key of a counter, which names nobody."""
    keyed = (salted_hmac("accounts.RateCounter", subject, algorithm="sha256").hexdigest() for subject in subjects)
    return ":".join([scope, *keyed])


def reserve(scope: str, *subjects: str) -> Reservation:
    """Take a place under settings.RATES[scope] for a subject, such as an account at a client, if there is one."""
    rate: Rate = settings.RATES[scope]
    key = key_of(scope, *subjects)
    now = timezone.now()
    arguments: Any = {"key": key, "now": now, "limit": rate.limit, "window": rate.window}
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, arguments)
        granted, oldest = cursor.fetchone()
    if not granted:
        limit_refusals.labels(scope).inc()
    wait = 0.0 if granted else (oldest + rate.window - now).total_seconds()
    return Reservation(key, now, granted, max(wait, 1.0))


def reserve_all(*places: tuple[str, ...]) -> list[Reservation]:
    """Take a place under each of several limits, or none of them and raise Throttled."""
    reservations: list[Reservation] = []
    for scope, *subjects in places:
        reservation = reserve(scope, *subjects)
        if not reservation.granted:
            release_all(reservations)
            raise Throttled(math.ceil(reservation.wait))
        reservations.append(reservation)
    return reservations


@contextmanager
def attempt(*failures: tuple[str, ...], counted: Sequence[tuple[str, ...]] = ()) -> Iterator[None]:
    """Make an attempt under limits; raise Throttled.

    The places of `failures` are given back if it succeeds, and all of them if a part of the system is unavailable.
    """
    places = reserve_all(*counted, *failures)
    try:
        yield
    except ServiceUnavailable:
        release_all(places)
        raise
    release_all(places[len(counted) :])


def release_all(reservations: Iterable[Reservation]) -> None:
    """Give several places back."""
    for reservation in reservations:
        reservation.release()


def forget_failures(email: str) -> None:
    """Forget the failed logins of an account, at every client: its owner has just proved to own the mailbox."""
    of_account = Q(key__startswith=f"{key_of('login', email.lower())}:") | Q(key=key_of("login_account", email.lower()))
    RateCounter.objects.filter(of_account).delete()


def forget_mails(email: str) -> None:
    """Forget which mails an address has got: staff has made an account for it."""
    RateCounter.objects.filter(
        key__in=[key_of(scope, email.lower(), WITH_ACCOUNT) for scope in MAILBOX_SCOPES]
    ).delete()


def client_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or the /64 network of an IPv6 address.

    The lower half of an IPv6 address is its machine's to choose (RFC 4291, section 2.5.1): a client with one has 2**64.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or IPv6Network((int(parsed), 64), strict=False))
    return str(parsed)


class AddressThrottle(BaseThrottle):
    """At most so many requests from one client, told by its address."""

    scope: str

    def allow_request(self, request: Request, view: Any) -> bool:
        self.reservation = reserve(self.scope, client_of(client_address(request)))
        return self.reservation.granted

    def wait(self) -> float:
        return math.ceil(self.reservation.wait)


class RegisterThrottle(AddressThrottle):
    scope = "register"


class RefreshThrottle(AddressThrottle):
    scope = "refresh"


class ResetThrottle(AddressThrottle):
    scope = "reset"


class ResetConfirmThrottle(AddressThrottle):
    scope = "reset_confirm"


class ValidateThrottle(AddressThrottle):
    """At most so many validations from one address, unless it is one of the services."""

    scope = "validate"

    def allow_request(self, request: Request, view: Any) -> bool:
        return has_service_key(request) or super().allow_request(request, view)
