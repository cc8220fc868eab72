"""Every answer of the API is JSON, whatever the client says it accepts (RFC 9110, section 12.4.1, allows that)."""

from __future__ import annotations

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request

from chassis.parsers import MergePatchParser


class JSONNegotiation(DefaultContentNegotiation):
    """Select the parser by Content-Type, that of merge patches for PATCH alone, and the view's one renderer always."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return super().select_parser(request, parsers_for(str(request.method), parsers))

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


def parsers_for(method: str, parsers: Any) -> list[Any]:
    """Return the parsers that may read the body of a request with this method."""
    return [parser for parser in parsers if method == "PATCH" or parser.media_type != MergePatchParser.media_type]
