"""Serializer pieces that both kinds of API need: strict query strings, the failure shape, labels for numbers."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from django.db.models import IntegerChoices, Model
from django.http import QueryDict
from rest_framework import serializers

from chassis.rows import Rows

ModelT = TypeVar("ModelT", bound=Model)


class QuerySerializer(serializers.Serializer[Any]):
    """A query string in which everything counts: unknown, empty, repeated and wrong parameters are errors."""

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


class PageQuery(QuerySerializer):
    """The parameters of every list."""

    page_size = serializers.IntegerField(min_value=1, max_value=100, default=50, help_text="Rows on a page.")
    cursor = serializers.RegexField(
        r"^[A-Za-z0-9_-]+$",
        required=False,
        max_length=2000,
        help_text="Where the page starts; taken from the previous page.",
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


class RowSerializer(serializers.ModelSerializer[ModelT]):
    """A ModelSerializer whose output is read straight off an instance, or off rows.

    The renderer writes identifiers, instants, lists and numbers as they are, so only labels are looked up; the work
    that DRF does field by field costs several times the rest of a list.
    """

    def to_representation(self, instance: ModelT) -> dict[str, Any]:
        row = {name: getattr(instance, source) for name, source in self.sources().items()}
        for name, labels in self.labelled().items():
            row[name] = labels[row[name]]
        return row

    @classmethod
    def of_rows(cls, rows: Rows) -> list[dict[str, Any]]:
        """Return the output for rows that have a column for each source."""
        names = cls._names(rows.columns)
        written = [dict(zip(names, values, strict=True)) for values in rows.values]
        for name, labels in cls.labelled().items():
            for row in written:
                row[name] = labels[row[name]]
        return written

    def get_validators(self) -> list[Any]:
        """Return none: what is unique only PostgreSQL can say; a look before the write would be a race and a query."""
        return []

    def get_fields(self) -> dict[str, Any]:
        """Return copies of the fields, which DRF would otherwise derive from the model anew for every request."""
        return {name: copy_of(field) for name, field in self._derived_fields().items()}

    @classmethod
    @cache
    def _derived_fields(cls) -> dict[str, Any]:
        return super(RowSerializer, cls()).get_fields()

    @classmethod
    @cache
    def sources(cls) -> dict[str, str]:
        """Return the column behind each field, in the order of the wire."""
        return {name: str(field.source) for name, field in cls().fields.items() if not field.write_only}

    @classmethod
    @cache
    def labelled(cls) -> dict[str, dict[int, str]]:
        """Return the words of each field that is a number in the database."""
        return {name: field.labels for name, field in cls().fields.items() if isinstance(field, LabelField)}

    @classmethod
    @cache
    def _names(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        names = {source: name for name, source in cls.sources().items()}
        return tuple(names[column] for column in columns)


def copy_of(field: Any) -> Any:
    """Return a field to bind to another serializer; DRF's own copies are made by calling the class again.

    What a field was made with it only reads, so both may share it; a list's child belongs to one list.
    """
    made = object.__new__(type(field))
    vars(made).update(vars(field))
    if hasattr(field, "child"):
        made.child = copy_of(field.child)
        made.child.parent = made
    return made


class ErrorSerializer(serializers.Serializer[Any]):
    """Why a request failed."""

    code = serializers.CharField(help_text="A stable snake_case word for programs.")
    details = serializers.DictField(allow_null=True, help_text="{field: [messages]} where fields are at fault.")


class FailureSerializer(serializers.Serializer[Any]):
    """The one shape of every failure."""

    success = serializers.BooleanField(default=False)
    message = serializers.CharField(help_text="For people.")
    data = serializers.JSONField(allow_null=True)  # type: ignore[assignment]  # DRF takes it out of the class.
    error = ErrorSerializer()
    request_id = serializers.CharField(allow_null=True, help_text="Also in X-Request-ID and in every log line.")
