"""The export of what auth_svc stores about the caller."""

from __future__ import annotations

from dataclasses import replace

from chassis.db.rows import RowQuery
from chassis.exports import EXPORT, ExportView, Part, example_of
from django.utils import timezone

from accounts.authentication import SessionRequest
from accounts.models import User
from accounts.serializers.account import EXPORTED_ACCOUNT, ExportedAccountSerializer
from accounts.serializers.sessions import SESSION, SessionSerializer
from accounts.views.sessions import SESSIONS

ACCOUNTS = RowQuery(
    lambda user_id: User.objects.filter(pk=user_id), columns=tuple(ExportedAccountSerializer.sources().values())
)


class AccountExportView(ExportView):
    """The caller's account and its live sessions, without what is secret: hashes and tokens."""

    tag = "account"
    request: SessionRequest
    operations = {
        "GET": replace(
            EXPORT,
            summary="Export my account",
            id="exportAccount",
            examples=(example_of(account=EXPORTED_ACCOUNT, session=SESSION),),
        )
    }

    def get_parts(self) -> list[Part]:
        user_id, session_id = self.request.user.pk, self.request.auth.pk
        sessions = SESSIONS.filter(user_id=user_id, at=timezone.now(), current=session_id)
        return [
            Part("account", ExportedAccountSerializer, ACCOUNTS.filter(user_id=user_id)),
            Part("session", SessionSerializer, sessions),
        ]
