"""Writing answers as JSON with orjson: enveloped for the account API, bare for the resource API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer

from chassis import contracts
from chassis.operations import operation_of


def dumps(data: Any) -> bytes:
    """Serialise to JSON; timestamps are RFC 3339 in UTC, unknown types their text."""
    return orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


class BareJSONRenderer(BaseRenderer):
    """Render the data as it is."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        response = (renderer_context or {})["response"]
        _end_cycles(response)
        return b"" if response.status_code in (204, 304) else dumps(data)


def _end_cycles(response: Any) -> None:
    """End the references from a response's context back to it, so that it is freed as soon as it has been sent.

    DRF leaves it, which may be a page of a megabyte, to the garbage collector: a busy process kept a hundred of them.
    """
    context = response.renderer_context
    context["view"].response = None
    del context["response"]


class EnvelopeJSONRenderer(BareJSONRenderer):
    """Render a success as {"success", "message", "data", "error"[, "meta"]}; a failure has its shape already."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        context = renderer_context or {}
        response = context["response"]
        if not response.exception and response.status_code != 304:
            operation = operation_of(context["view"], context["request"].method)
            data = contracts.success(data, operation.message, getattr(response, "meta", None))
        return super().render(data, accepted_media_type, context)
