"""Django's own pages about an error, for a developer's browser, with settings.DEBUG_PAGES."""

from __future__ import annotations

import sys
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.debug import technical_404_response, technical_500_response

# Each is one file, with its style and its script inside.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; frame-ancestors 'none'"


def debug_page(request: HttpRequest) -> HttpResponse:
    """Return the page about the exception at hand."""
    error: Any = sys.exc_info()
    if isinstance(error[1], Http404):
        response = technical_404_response(request, error[1])
    else:
        response = technical_500_response(request, *error)
    response["Content-Security-Policy"] = POLICY
    return response
