"""What only the other services may ask: these endpoints are not routed by the gateway and are in no schema."""

from __future__ import annotations

from uuid import UUID

from chassis.authentication import IsService
from chassis.erasure import forget_row
from chassis.staff import erase_mirror
from django.db import transaction
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from profiles.models import Profile


class AccountView(APIView):
    """Erase what belonged to a deleted account; doing it again changes nothing."""

    authentication_classes = ()
    permission_classes = (IsService,)
    schema = None

    def delete(self, request: Request, account_id: UUID) -> Response:
        with transaction.atomic():
            erase_mirror(account_id)
            # Also if the profile is gone already: the log holds the account's id.
            forget_row(Profile(user_id=account_id))
            Profile.objects.owned_by(account_id).delete()
        return Response(status=204)
