"""What only the other services may ask: these endpoints are not routed by the gateway and are in no schema."""

from __future__ import annotations

from uuid import UUID

from chassis.authentication import IsService
from chassis.rows import delete_some
from chassis.staff import erase_mirror
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tasks.models import IdempotencyKey, Task


class InternalView(APIView):
    """A view for services."""

    authentication_classes = ()
    permission_classes = (IsService,)
    schema = None


class AccountView(InternalView):
    """Erase what belonged to a deleted account; doing it again changes nothing.

    204 says that nothing is left, 202 that the caller has to ask again.
    """

    def delete(self, request: Request, account_id: UUID) -> Response:
        erase_mirror(account_id)
        rows = Task.objects.owned_by(account_id), IdempotencyKey.objects.filter(user_id=account_id)
        gone = [delete_some(each) for each in rows]
        return Response(status=204 if all(gone) else 202)


class CleanUpView(InternalView):
    """Delete remembered replies that have expired."""

    def post(self, request: Request) -> Response:
        expired = IdempotencyKey.objects.filter(expires_at__lte=timezone.now())
        while not delete_some(expired):
            pass
        return Response(status=204)
