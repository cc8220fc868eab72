"""The orders of a list of tasks."""

from __future__ import annotations

from typing import Any

from chassis.contracts import timestamp
from chassis.pagination import KeysetPagination, SortKey
from django.db.models import F
from rest_framework import serializers

from tasks.models import DUE


def due(value: Any) -> Any:
    """Read a due date from a cursor; none is infinity."""
    return "infinity" if value is None else timestamp(value)


class TaskPagination(KeysetPagination):
    """Pages of tasks, newest first unless an order is given."""

    sort_keys = {
        "created_at": SortKey(F("created_at")),
        "updated_at": SortKey(F("updated_at")),
        "due_at": SortKey(DUE, due, frozenset({"due_after", "due_before"})),
        "priority": SortKey(F("priority"), serializers.IntegerField(min_value=1, max_value=4).run_validation),
        "title": SortKey(F("title"), serializers.CharField(allow_blank=True, trim_whitespace=False).run_validation),
    }
