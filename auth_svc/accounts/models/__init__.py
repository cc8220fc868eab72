"""Accounts, the sessions behind every token pair, and what the rate limits count."""

from accounts.models.limits import KnownClient, RateCounter
from accounts.models.sessions import Session, SessionQuerySet, stored_user_agent
from accounts.models.tombstones import Tombstone
from accounts.models.users import ERASED, SET_ASIDE, UNIQUE_EMAIL, User, validate_ascii

__all__ = [
    "ERASED",
    "SET_ASIDE",
    "UNIQUE_EMAIL",
    "KnownClient",
    "RateCounter",
    "Session",
    "SessionQuerySet",
    "Tombstone",
    "User",
    "stored_user_agent",
    "validate_ascii",
]
