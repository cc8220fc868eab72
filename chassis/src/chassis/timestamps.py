"""Timestamps on the wire: RFC 3339, read with an offset only, sent in UTC with six digits always."""

from __future__ import annotations

from datetime import UTC, datetime

from django.utils import timezone
from rest_framework import serializers


class DateTimeField(serializers.DateTimeField):
    """A timestamp with its offset from UTC (RFC 3339); without one nobody knows which moment is meant."""

    default_error_messages = {"no_offset": "Give the offset from UTC too: Z, or such as +02:00."}

    def enforce_timezone(self, value: datetime) -> datetime:
        if timezone.is_naive(value):
            self.fail("no_offset")
        return super().enforce_timezone(value)


def six_digits(moment: datetime) -> datetime | str:
    """Return what to send for a timestamp: of a whole second the renderer would leave out the fraction."""
    return moment if moment.microsecond else moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
