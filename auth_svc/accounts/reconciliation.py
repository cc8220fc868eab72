"""Whether all services agree on which accounts there are, which they may not after a restore.

The three databases are never restored to the same point in time. Rows in another service whose account is not here are
strays; an account here whose deletion any service remembers is revived. Both are erased.
"""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from chassis.reconciliation import PAGE
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.clients import accounts_with_data, deleted_accounts, services_with_account_data
from accounts.models import ERASED, Tombstone, User

# Pages start after this id, which also leaves out the account that stands for erased ones.
FIRST = ERASED


def find_strays(service: str, after: UUID) -> tuple[set[UUID], UUID | None]:
    """Return the accounts on a page of a service that do not exist, and where the next page begins.

    The service is asked first: a new account is here before it has rows there.
    """
    ids = accounts_with_data(service, after)
    known = User.objects.filter(pk__in=ids).values_list("pk", flat=True)
    return set(ids).difference(known), ids[-1] if ids else None


def find_revived(after: UUID) -> tuple[set[UUID], UUID | None]:
    """Return the accounts on a page that were deleted once, and where the next page begins."""
    ids = list(User.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:PAGE])
    if not ids:
        return set(), None
    deleted = Tombstone.objects.buried(ids)
    return deleted.union(*(deleted_accounts(service, ids) for service in services_with_account_data())), ids[-1]


def under_erasure(account_ids: set[UUID]) -> set[UUID]:
    """Return those of some accounts that a job erases."""
    jobs = ProcrastinateJob.objects.filter(task_name="accounts.jobs.erase_account", status__in=["todo", "doing"])
    waiting = jobs.filter(args__account_id__in=[str(each) for each in account_ids])
    return {UUID(args["account_id"]) for args in waiting.values_list("args", flat=True)}


def strays(service: str) -> Iterator[UUID]:
    """Yield all accounts that own rows in a service and do not exist."""
    after: UUID | None = FIRST
    while after:
        found, after = find_strays(service, after)
        yield from found


def revived() -> Iterator[UUID]:
    """Yield all accounts that were deleted once."""
    after: UUID | None = FIRST
    while after:
        found, after = find_revived(after)
        yield from found
