"""Query strings, read strictly."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import QueryDict
from rest_framework import serializers


class QuerySerializer(serializers.Serializer[Any]):
    """A query string: unknown, empty, repeated and invalid parameters are errors."""

    @classmethod
    def read(cls, query: QueryDict) -> dict[str, Any]:
        """Return the validated parameters, with their defaults; raise ValidationError."""
        return cls._validated(query) if query else {**cls._defaults()}

    @classmethod
    def _validated(cls, query: QueryDict) -> dict[str, Any]:
        serializer = cls(data=query)
        serializer.is_valid(raise_exception=True)
        parameters: dict[str, Any] = serializer.validated_data
        return parameters

    @classmethod
    @cache
    def _defaults(cls) -> dict[str, Any]:
        return cls._validated(QueryDict())

    def to_internal_value(self, data: QueryDict) -> Any:
        errors = {}
        for name, values in data.lists():
            if name not in self.fields:
                errors[name] = [f"There is no such parameter; there are {', '.join(sorted(self.fields))}."]
            elif len(values) > 1:
                errors[name] = ["Give this parameter once."]
            elif not values[0]:
                errors[name] = ["This parameter is empty; leave it out or give a value."]
        if errors:
            raise serializers.ValidationError(errors)
        return super().to_internal_value(data)


class CursorField(serializers.RegexField):
    """The cursor of a list; a client that gives the whole URL of the next page is told what to do with it."""

    default_error_messages = {
        "invalid": "This is not a cursor.",
        "url": "This is a URL to be followed as it is; a cursor is the value of `cursor` in it.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[A-Za-z0-9_-]+$", max_length=2000, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if "://" in str(data) or "?" in str(data):
            self.fail("url")
        return super().to_internal_value(data)


class PageQuery(QuerySerializer):
    """The parameters of every list."""

    page_size = serializers.IntegerField(min_value=1, max_value=100, default=50, help_text="Rows on a page.")
    cursor = CursorField(
        required=False,
        help_text="Where the page starts. The URL of the next page has it: follow that as it is.",
    )
