"""What browsers get from a service: the OpenAPI document, its interactive page, and the headers of every page."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.deprecation import MiddlewareMixin
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.request import Request
from rest_framework.response import Response

# Nothing inline, nothing from elsewhere (CSP level 3). Icons in style sheets are data.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


class ForPages:
    """Skip a layer for whatever is not below one of settings.PAGES: the API has no sessions and no messages."""

    # The layers that this is mixed with declare it, each in its own way.
    get_response: Any

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_page = request.path_info.startswith(settings.PAGES)
        answer = super().__call__ if is_page else self.get_response  # type: ignore[misc]  # Of the layer mixed with.
        response: HttpResponse = answer(request)
        return response


class SessionMiddleware(ForPages, sessions.SessionMiddleware):
    """Give pages the session of their browser."""


class AuthenticationMiddleware(ForPages, auth.AuthenticationMiddleware):
    """Give pages the account of their session."""


class MessageMiddleware(ForPages, messages.MessageMiddleware):
    """Carry messages from one page to the next."""


class ContentSecurityPolicyMiddleware(ForPages, MiddlewareMixin):
    """Give every page its content security policy."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.get("Content-Type", "").startswith("text/html"):
            response["Content-Security-Policy"] = POLICY
        return response


@cache
def api_document() -> dict[str, Any]:
    """Return the service's OpenAPI document, made once a process."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]  # spectacular leaves it untyped.
    document: dict[str, Any] = generator.get_schema(public=True)  # type: ignore[no-untyped-call]  # This too.
    return document


class SchemaView(SpectacularAPIView):
    """The OpenAPI document."""

    schema = None
    renderer_classes = [OpenApiJsonRenderer2]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = Response(api_document())
        patch_cache_control(response, public=True, max_age=60)
        return response


class DocsView(SpectacularSwaggerView):
    """Swagger UI without inline script or style, so that the policy of every page holds here too."""

    template_name = "chassis/docs.html"
