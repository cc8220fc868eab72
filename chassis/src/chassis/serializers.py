"""Serializer pieces that both kinds of API need: rows written as they are, labels for numbers, camelCase names."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cache
from typing import Any, ClassVar, NoReturn, TypeVar

from django.db import models
from django.db.models import IntegerChoices, Model
from rest_framework import serializers

from chassis.db.rows import Rows
from chassis.timestamps import DateTimeField, six_digits

ModelT = TypeVar("ModelT", bound=Model)


class ChoiceField(serializers.ChoiceField):
    """A choice whose error lists the choices, before what was sent, which may be long and is cut."""

    default_error_messages = {"invalid_choice": 'Choose one of: {choices}. "{input}" is not a valid choice.'}

    def fail(self, key: str, **values: Any) -> NoReturn:
        super().fail(key, choices=", ".join(map(str, self.choices)), **values)


class LabelField(ChoiceField):
    """A number in the database, a word on the wire: the choices' lower-case labels."""

    def __init__(self, choices: type[IntegerChoices], **kwargs: Any) -> None:
        self.labels = {choice.value: str(choice.label) for choice in choices}
        self.values = {label: value for value, label in self.labels.items()}
        super().__init__(choices=list(self.values), **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        return self.values[super().to_internal_value(data)]

    def to_representation(self, value: Any) -> str:
        return self.labels[value]


# Fields whose values the renderer writes as they are.
PLAIN = (
    serializers.BooleanField,
    serializers.CharField,
    serializers.ChoiceField,
    serializers.DateField,
    serializers.DateTimeField,
    serializers.DictField,
    serializers.FloatField,
    serializers.IntegerField,
    serializers.JSONField,
    serializers.ListField,
    serializers.UUIDField,
    # The child of a list or an object whose declaration names none.
    type(serializers.ListField.child),
)


class RowSerializer(serializers.ModelSerializer[ModelT]):
    """A ModelSerializer whose output is read straight off an instance, or off rows.

    The renderer writes identifiers, timestamps, lists and numbers as they are, so only labels are looked up; the work
    that DRF does field by field costs several times the rest of a list. A field that needs that work is refused: one
    that is declared, with the class; one that DRF derives from the model, with the first use.
    """

    serializer_choice_field = ChoiceField
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateTimeField: DateTimeField,
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._refuse_unwritable(cls._declared_fields)

    def to_representation(self, instance: ModelT) -> dict[str, Any]:
        row = {name: getattr(instance, source) for name, source in self.sources().items()}
        return self.as_sent([row])[0]

    @classmethod
    def of_rows(cls, rows: Rows) -> list[dict[str, Any]]:
        """Return the output for rows that have a column for each source."""
        names = cls._names(rows.columns)
        return cls.as_sent([dict(zip(names, values, strict=True)) for values in rows.values])

    @classmethod
    def as_sent(cls, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return rows with the words of labels, and with timestamps of six digits, whatever their fraction."""
        for name, labels in cls.labelled().items():
            for row in rows:
                row[name] = labels[row[name]]
        for name in cls.timestamps():
            for row in rows:
                moment = row[name]
                # Most have a fraction, and the renderer writes them faster than Python.
                if moment is not None and not moment.microsecond:
                    row[name] = six_digits(moment)
        return rows

    def get_validators(self) -> list[Any]:
        """Return none: what is unique only PostgreSQL can say; a look before the write would be a race and a query."""
        return []

    def get_fields(self) -> dict[str, Any]:
        """Return copies of the fields, which DRF would otherwise derive from the model anew for every request."""
        return {name: copy_of(field) for name, field in self._derived_fields().items()}

    @classmethod
    @cache
    def _derived_fields(cls) -> dict[str, Any]:
        fields: dict[str, Any] = super(RowSerializer, cls()).get_fields()
        cls._refuse_unwritable(fields)
        return fields

    @classmethod
    def _refuse_unwritable(cls, fields: Mapping[str, Any]) -> None:
        for name, field in fields.items():
            if not is_written_right(field):
                raise TypeError(f"{cls.__name__} cannot write {name}: it is not the plain value of one column.")

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
    def timestamps(cls) -> list[str]:
        """Return the fields that are timestamps."""
        return [name for name, field in cls().fields.items() if isinstance(field, serializers.DateTimeField)]

    @classmethod
    @cache
    def _names(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        names = {source: name for name, source in cls.sources().items()}
        return tuple(names[column] for column in columns)


class CamelCaseSerializer(RowSerializer[ModelT]):
    """Gives the fields of the RowSerializer that follows it among the bases their camelCase names, and nothing else.

    A subclass names fields, overrides and `validate_` methods in snake_case; `renamed` holds the names that are others.
    """

    renamed: ClassVar[Mapping[str, str]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # DRF looks for the method that validates a field by the field's name.
        for method in [name for name in dir(cls) if name.startswith("validate_")]:
            setattr(cls, f"validate_{cls.wire_name(method.removeprefix('validate_'))}", getattr(cls, method))

    @classmethod
    def wire_name(cls, name: str) -> str:
        first, *others = name.split("_")
        return cls.renamed.get(name) or first + "".join(word.capitalize() for word in others)

    @classmethod
    @cache
    def _derived_fields(cls) -> dict[str, Any]:
        return {cls.wire_name(name): cls._from(name, field) for name, field in super()._derived_fields().items()}

    @classmethod
    def _from(cls, name: str, field: Any) -> Any:
        """Return a copy of a field that is read from the attribute of this name, also under another name."""
        made = copy_of(field)
        if made.source is None and cls.wire_name(name) != name:
            made.source = name
        return made


def is_written_right(field: Any) -> bool:
    """Return whether RowSerializer writes what the field would write: the plain value of one column, or its label."""
    if field.write_only:
        return True
    one_column = field.source is None or field.source.isidentifier()
    return one_column and (isinstance(field, LabelField) or _is_plain(field))


def _is_plain(field: Any) -> bool:
    writes = type(field).to_representation
    child = getattr(field, "child", None)
    return any(writes is plain.to_representation for plain in PLAIN) and (child is None or _is_plain(child))


def copy_of(field: Any) -> Any:
    """Return a field to bind to another serializer; DRF's own copies are made by calling the class again.

    What a field was made with it only reads, so both may share it; a list's child belongs to one list.
    """
    made = copy(field)
    if hasattr(field, "child"):
        made.child = copy_of(field.child)
        made.child.parent = made
    return made
