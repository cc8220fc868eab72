"""Every answer of the API is JSON, whatever the client says it accepts (RFC 9110, section 12.4.1, allows that)."""

from __future__ import annotations

from typing import Any

from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request


class JSONNegotiation(DefaultContentNegotiation):
    """Select the parser by Content-Type, and the view's one renderer always."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type
