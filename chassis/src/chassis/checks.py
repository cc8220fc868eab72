"""System checks of what no type checker sees; `migrate` runs them, so a service that fails one does not start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.urls import get_resolver
from drf_spectacular.generators import EndpointEnumerator

from chassis.serializers import CamelCaseSerializer, RowSerializer

HANDLERS = {
    400: "chassis.failures.bad_request",
    403: "chassis.failures.permission_denied",
    404: "chassis.failures.page_not_found",
    500: "chassis.failures.server_error",
}
# The first middleware, in this order: an outer layer logs and bounds what the inner ones do.
MIDDLEWARE = [
    "chassis.tracing.TraceMiddleware",
    "chassis.middleware.RequestLogMiddleware",
    "chassis.middleware.BodyLimitMiddleware",
    "chassis.middleware.TrailingSlashMiddleware",
]
LIMITS = ("allow_null", "choices", "max_length", "min_length", "max_value", "min_value")


@register(Tags.urls)
def views_have_operations(**kwargs: Any) -> list[CheckMessage]:
    """Find methods of the API that no `operations` describe: they would have neither a message nor a summary."""
    endpoints: Any = EndpointEnumerator().get_api_endpoints()  # type: ignore[no-untyped-call]  # It is untyped.
    methods = {(callback.cls, method) for _, _, method, callback in endpoints}
    undescribed = [(view, method) for view, method in methods if method not in getattr(view, "operations", {})]
    names = sorted((f"{view.__module__}.{view.__name__}", method) for view, method in undescribed)
    return [
        Error(f"{view} has no Operation for {method} in its `operations`.", id="chassis.E002") for view, method in names
    ]


@register(Tags.urls)
def failures_have_one_shape(**kwargs: Any) -> list[CheckMessage]:
    """Find handlers of the URLconf, or DRF's, that would answer in another shape than the contract's."""
    urlconf: Any = get_resolver().urlconf_module
    errors = [
        f"{urlconf.__name__} needs handler{status} = {handler!r}."
        for status, handler in HANDLERS.items()
        if getattr(urlconf, f"handler{status}", None) != handler
    ]
    if settings.REST_FRAMEWORK.get("EXCEPTION_HANDLER") != "chassis.failures.exception_handler":
        errors.append("REST_FRAMEWORK needs EXCEPTION_HANDLER = 'chassis.failures.exception_handler'.")
    return [Error(error, id="chassis.E003") for error in errors]


@register(Tags.security)
def middleware_is_in_order(**kwargs: Any) -> list[CheckMessage]:
    """Find a service whose first layers are not the chassis's, in their order."""
    if settings.MIDDLEWARE[: len(MIDDLEWARE)] == MIDDLEWARE:
        return []
    return [Error(f"MIDDLEWARE starts with {', '.join(MIDDLEWARE)}, in this order.", id="chassis.E004")]


@register(Tags.database)
def databases_are_in_utc(**kwargs: Any) -> list[CheckMessage]:
    """Find a connection in another time zone: chassis.db.postgresql reads timestamps as UTC."""
    zones = {alias: connections[alias].timezone_name for alias in connections}
    return [
        Error(f"The database {alias!r} is in {zone}: set TIME_ZONE = 'UTC'.", id="chassis.E005")
        for alias, zone in zones.items()
        if zone != "UTC"
    ]


@register(Tags.urls)
def serializers_agree(**kwargs: Any) -> list[CheckMessage]:
    """Find serializers that cannot be used, and camelCase ones that differ from those that they derive from."""
    # The serializers exist when the views have been imported.
    _ = get_resolver().url_patterns
    serializers = sorted(_with_fields(RowSerializer), key=lambda each: each.__name__)
    return [Error(found, id="chassis.E001") for serializer in serializers for found in _errors(serializer)]


def _with_fields(serializer: type[Any]) -> set[type[Any]]:
    found = {each for subclass in serializer.__subclasses__() for each in _with_fields(subclass)}
    return found | ({serializer} if hasattr(serializer, "Meta") else set())


def _errors(serializer: type[Any]) -> Iterator[str]:
    try:
        fields = _by_source(serializer)
        origin = next(each for each in serializer.__mro__ if not issubclass(each, CamelCaseSerializer))
        expected = _by_source(origin) if hasattr(origin, "Meta") else fields
    except (AssertionError, ImproperlyConfigured, TypeError) as error:
        yield f"{serializer.__name__}: {error}"
        return
    if fields.keys() != expected.keys():
        names = ", ".join(sorted(fields.keys() ^ expected.keys()))
        yield f"{serializer.__name__} and {origin.__name__} do not have the same fields: {names}."
    for source in fields.keys() & expected.keys():
        for limit in LIMITS:
            ours, theirs = getattr(fields[source], limit, None), getattr(expected[source], limit, None)
            if ours != theirs:
                yield (
                    f"{serializer.__name__}.{fields[source].field_name} has {limit} {ours}, "
                    f"{origin.__name__}.{source} {theirs}."
                )


def _by_source(serializer: type[Any]) -> dict[str, Any]:
    return {field.source: field for field in serializer().fields.values()}
