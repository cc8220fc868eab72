"""Endpoints for the other services alone."""

from __future__ import annotations

from uuid import UUID

from chassis.admin.staff import erase_mirror
from chassis.db.rows import delete_some
from chassis.generics import InternalAPIView
from chassis.reconciliation import AccountIdsView, ErasureQuery, TombstonesView
from rest_framework.request import Request
from rest_framework.response import Response

from tasks.models import IdempotencyKey, Task, Tombstone


class AccountView(InternalAPIView[Task]):
    """Erase what belonged to a deleted account; doing it again changes nothing.

    204 says that nothing is left, 202 that the caller has to ask again.
    """

    def delete(self, request: Request, account_id: UUID) -> Response:
        if ErasureQuery.read(request.query_params)["deleted"]:
            Tombstone.objects.bury(account_id)
        erase_mirror(account_id)
        rows = Task.objects.owned_by(account_id), IdempotencyKey.objects.filter(user_id=account_id)
        gone = [delete_some(each) for each in rows]
        return Response(status=204 if all(gone) else 202)


class AccountsView(AccountIdsView):
    """List the accounts that own tasks or remembered replies."""

    owned = ((Task.objects.all(), "user_id"), (IdempotencyKey.objects.all(), "user_id"))


class DeletedAccountsView(TombstonesView):
    """Return those of some accounts whose tasks were erased with them."""

    tombstones = Tombstone.objects.all()
