"""Serializer pieces that both kinds of API need: strict query strings, the failure shape, labels for numbers."""

from __future__ import annotations

from typing import Any

from django.db.models import IntegerChoices
from django.http import QueryDict
from rest_framework import serializers


class QuerySerializer(serializers.Serializer[Any]):
    """A query string in which everything counts: unknown, empty, repeated and wrong parameters are errors."""

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


class PageQuery(QuerySerializer):
    """The parameters of every list."""

    page_size = serializers.IntegerField(min_value=1, max_value=100, default=50, help_text="Rows on a page.")
    cursor = serializers.CharField(
        required=False, max_length=2000, help_text="Where the page starts; taken from the previous page."
    )


class LabelField(serializers.ChoiceField):
    """A number in the database, a word on the wire: the choices' lower-case labels."""

    def __init__(self, choices: type[IntegerChoices], **kwargs: Any) -> None:
        self.labels = {choice.value: str(choice.label) for choice in choices}
        self.values = {label: value for value, label in self.labels.items()}
        super().__init__(choices=list(self.values), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return self.values[super().to_internal_value(data)]

    def to_representation(self, value: Any) -> str:
        return self.labels[value]


class ErrorSerializer(serializers.Serializer[Any]):
    """Why a request failed."""

    code = serializers.CharField(help_text="A stable snake_case word for programs.")
    details = serializers.DictField(allow_null=True, help_text="{field: [messages]} where fields are at fault.")


class FailureSerializer(serializers.Serializer[Any]):
    """The one shape of every failure."""

    success = serializers.BooleanField(default=False)
    message = serializers.CharField(help_text="For people.")
    data = serializers.JSONField(allow_null=True)
    error = ErrorSerializer()
    request_id = serializers.CharField(allow_null=True, help_text="Also in X-Request-ID and in every log line.")
