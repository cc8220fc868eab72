"""Endpoints for the other services alone."""

from __future__ import annotations

from uuid import UUID

from chassis.admin.staff import erase_mirror
from chassis.erasure import forget_row
from chassis.generics import InternalAPIView
from chassis.reconciliation import AccountIdsView, ErasureQuery, TombstonesView
from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response

from profiles.models import Profile, Tombstone


class AccountView(InternalAPIView[Profile]):
    """Erase what belonged to a deleted account; doing it again changes nothing."""

    def delete(self, request: Request, account_id: UUID) -> Response:
        deleted = ErasureQuery.read(request.query_params)["deleted"]
        with transaction.atomic():
            if deleted:
                Tombstone.objects.bury(account_id)
            erase_mirror(account_id)
            # Also if the profile is gone already: the log holds the account's id.
            forget_row(Profile(user_id=account_id))
            Profile.objects.owned_by(account_id).delete()
        return Response(status=204)


class AccountsView(AccountIdsView):
    """List the accounts that own a profile."""

    owned = ((Profile.objects.all(), "user_id"),)


class DeletedAccountsView(TombstonesView):
    """Return those of some accounts whose profile was erased with them."""

    tombstones = Tombstone.objects.all()
