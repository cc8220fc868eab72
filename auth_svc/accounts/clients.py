"""Calls to the other services: whose rows they have, and to erase what belonged to a deleted account."""

from __future__ import annotations

from functools import cache
from uuid import UUID

from chassis.clients import Answer, ServiceClient
from chassis.exceptions import ServiceUnavailable
from django.conf import settings


@cache
def services_with_account_data() -> dict[str, ServiceClient]:
    """Return the process's clients of the services that hold rows of an account."""
    return {
        "task-svc": ServiceClient("task-svc", settings.TASK_SERVICE_URL, settings.SERVICE_KEY),
        "user-svc": ServiceClient("user-svc", settings.USER_SERVICE_URL, settings.SERVICE_KEY),
    }


def erase_account_data(service: str, account_id: UUID | str, *, deleted: bool = True) -> None:
    """Make one service erase an account's rows, however many calls that takes; raise ServiceUnavailable.

    With `deleted` the service also keeps a tombstone; without it the account may come back with another backup.
    """
    client = services_with_account_data()[service]
    params = None if deleted else {"deleted": "false"}
    while (answer := client.call("DELETE", f"/internal/accounts/{account_id}", params=params)).status == 202:
        pass  # There was much, and some is left.
    if answer.status != 204:
        raise ServiceUnavailable(f"{service} answered {answer.status}")


def accounts_with_data(service: str, after: UUID) -> list[UUID]:
    """Return a page of the accounts that own rows in a service; raise ServiceUnavailable."""
    return _ids(
        service, services_with_account_data()[service].call("GET", "/internal/accounts", params={"after": after})
    )


def deleted_accounts(service: str, account_ids: list[UUID]) -> set[UUID]:
    """Return those of some accounts whose deletion a service remembers; raise ServiceUnavailable."""
    body = {"ids": account_ids}
    return set(
        _ids(service, services_with_account_data()[service].call("POST", "/internal/accounts/deleted", json=body))
    )


def _ids(service: str, answer: Answer) -> list[UUID]:
    try:
        return [UUID(each) for each in answer.body["ids"]]
    except (KeyError, TypeError, ValueError):
        raise services_with_account_data()[service].unusable_answer() from None
