from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from chassis.checks import (
    databases_are_in_utc,
    failures_have_one_shape,
    middleware_is_in_order,
    serializers_agree,
    views_have_operations,
)
from chassis.operations import Operation
from chassis.serializers import CamelCaseSerializer
from django.core.checks import registry
from django.db import connections
from django.urls import path
from pytest_django import Settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tests.models import Note
from tests.notes import NoteSerializer


class HalfDescribedView(APIView):
    """A view of two methods, one of which it describes."""

    operations = {"GET": Operation("Show something")}

    def get(self, request: Request) -> Response:
        return Response(None)

    post = get


class InternalView(HalfDescribedView):
    """A view that is in no schema."""

    operations: dict[str, Operation] = {}
    schema = None


def urls_of(view: type[APIView]) -> ModuleType:
    urls: Any = ModuleType("urls")
    urls.urlpatterns = [path("things", view.as_view())]
    return urls  # type: ignore[no-any-return]  # It has to be Any to be given an attribute.


def errors_of(serializer: type[Any]) -> list[str]:
    """Return what the check says about a serializer; those that other tests made live on."""
    return [error.msg for error in serializers_agree() if error.msg.startswith(serializer.__name__)]


def test_a_view_without_operations_is_named(settings: Settings) -> None:
    settings.ROOT_URLCONF = urls_of(HalfDescribedView)

    (error,) = views_have_operations()

    assert error.msg == "tests.test_checks.HalfDescribedView has no Operation for POST in its `operations`."
    assert error.is_serious()


def test_a_view_that_is_in_no_schema_needs_no_operations(settings: Settings) -> None:
    settings.ROOT_URLCONF = urls_of(InternalView)

    assert views_have_operations() == []


def test_django_runs_the_checks() -> None:
    assert {views_have_operations, serializers_agree} <= set(registry.registry.get_checks())


def test_serializers_that_derive_their_fields_agree() -> None:
    class Derived(CamelCaseSerializer[Note], NoteSerializer):
        """A note in camelCase."""

    assert Derived.sources() == {"id": "id", "title": "title", "rank": "rank", "createdAt": "created_at"}
    assert errors_of(Derived) == []


def test_a_field_that_one_serializer_lacks_is_named() -> None:
    class Short(CamelCaseSerializer[Note], NoteSerializer):
        """A note without its date."""

        class Meta(NoteSerializer.Meta):
            fields = ("id", "title", "rank", "due_at")  # type: ignore[assignment]  # It differs, which is the point.

    assert errors_of(Short) == ["Short and NoteSerializer do not have the same fields: created_at, due_at."]


def test_a_field_with_other_limits_is_named() -> None:
    class Boundless(CamelCaseSerializer[Note], NoteSerializer):
        """A note with any rank."""

        rank = serializers.IntegerField(min_value=-32768)

    assert errors_of(Boundless) == ["Boundless.rank has max_value None, NoteSerializer.rank 32767."]


def test_a_field_that_is_written_by_hand_in_camel_case_is_named() -> None:
    class ByHand(CamelCaseSerializer[Note], NoteSerializer):
        """A note whose fields were forgotten."""

        dueAt = serializers.DateTimeField(source="due_at")  # noqa: N815  # The mistake that is found.

    (error,) = errors_of(ByHand)
    assert error.startswith("ByHand: The field 'dueAt' was declared on serializer ByHand")


def test_a_service_of_ours_passes() -> None:
    assert [*failures_have_one_shape(), *middleware_is_in_order(), *databases_are_in_utc()] == []


def test_a_missing_handler_is_named(settings: Settings) -> None:
    settings.ROOT_URLCONF = urls_of(InternalView)
    settings.REST_FRAMEWORK = {}

    errors = [error.msg for error in failures_have_one_shape()]

    assert errors[0] == "urls needs handler400 = 'chassis.failures.bad_request'."
    assert errors[-1] == "REST_FRAMEWORK needs EXCEPTION_HANDLER = 'chassis.failures.exception_handler'."
    assert len(errors) == 5


def test_middleware_out_of_order_is_an_error(settings: Settings) -> None:
    settings.MIDDLEWARE = settings.MIDDLEWARE[::-1]

    (error,) = middleware_is_in_order()

    assert error.msg.startswith("MIDDLEWARE starts with chassis.tracing.TraceMiddleware, ")


def test_a_database_in_another_time_zone_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    # Django works it out once.
    monkeypatch.setitem(vars(connections["default"]), "timezone_name", "Europe/Paris")

    (error,) = databases_are_in_utc()

    assert error.msg == "The database 'default' is in Europe/Paris: set TIME_ZONE = 'UTC'."
