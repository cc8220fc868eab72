"""Sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from chassis.serializers import RowSerializer
from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from accounts.models import Session

# Not less than an access token lives, which reads the list.
REFRESH_SHOWN_AFTER = max(timedelta(days=1), settings.ACCESS_TOKEN_LIFETIME)

SESSION = {
    "id": "019aba32-0d11-7a53-8c2f-5e6d7c8b9a01",
    "user_agent": "curl/8.5.0",
    "created_at": "2026-01-05T09:00:00.000000Z",
    "rotated_at": "2026-01-05T09:00:00.000000Z",
    "expires_at": "2026-02-04T09:00:00.000000Z",
    "repeated": False,
    "is_current": True,
}


@extend_schema_serializer(examples=[OpenApiExample("A session", SESSION, response_only=True)])
class SessionSerializer(RowSerializer[Session]):
    """One sign-in on one device."""

    is_current = serializers.BooleanField(read_only=True, help_text="Whether this request belongs to it.")
    rotated_at = serializers.DateTimeField(
        read_only=True, help_text="The last refresh, to the hour; one of the last day is shown as a day ago."
    )
    expires_at = serializers.DateTimeField(read_only=True, help_text="At the earliest, to the hour.")

    class Meta:
        model = Session
        fields = ("id", "user_agent", "created_at", "rotated_at", "expires_at", "repeated", "is_current")
        read_only_fields = fields

    @classmethod
    def as_sent(cls, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return rows in which no refresh of the last day shows.

        A thief of a token that polls the list would otherwise see when to repeat it.
        """
        latest = timezone.now() - REFRESH_SHOWN_AFTER
        for row in rows:
            row["rotated_at"] = max(row["created_at"], whole_hour(min(row["rotated_at"], latest)))
            row["expires_at"] = whole_hour(min(row["expires_at"], latest + settings.SESSION_LIFETIME))
        return super().as_sent(rows)


def whole_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
