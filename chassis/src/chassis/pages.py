"""The pages of a service for browsers: the OpenAPI document and its interactive page."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.cache import patch_cache_control
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.request import Request
from rest_framework.response import Response


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

    schema = None
    template_name = "chassis/docs.html"
