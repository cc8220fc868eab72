"""Conditions on the stored words, labels and owner of a task (PostgreSQL's text search)."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchQueryField
from django.db import models
from django.db.models import Func


class Matches(Func):
    """Whether a document matches a text query, as PostgreSQL's `@@`, which the index of DOCUMENT answers."""

    template = "(%(expressions)s)"
    arg_joiner = " @@ "
    output_field = models.BooleanField()


class Lexeme(Func):
    """The text query for one lexeme, from what `lexeme` gives."""

    template = "%(expressions)s::tsquery"
    output_field = SearchQueryField()


class All(Func):
    """The text query for what all of several queries find.

    As a subquery it is known only when it runs. PostgreSQL would otherwise guess from the frequency of each word among
    all owners' tasks, and where it expects many it makes the documents of all rows instead of asking the index.
    """

    template = "(SELECT %(expressions)s)"
    arg_joiner = " && "
    output_field = SearchQueryField()


class FilterOnly(Func):
    """A condition that the planner may filter by but not choose an index for."""

    template = "(%(expressions)s) IS TRUE"
    output_field = models.BooleanField()


def lexeme(kind: str, value: Any) -> str:
    """Return the text of a query for a lexeme that task_document made from a column, which no text can produce."""
    escaped = str(value).replace("\\", "\\\\").replace("'", "''")
    return f"'={kind}:{escaped}'"
