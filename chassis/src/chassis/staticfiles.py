"""The static files that a service's pages need; the gateway serves them, from where `collectstatic` puts them."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles import apps
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFilesConfig(apps.StaticFilesConfig):
    """Django's static files, without what no page loads: the second viewer of the schema, DRF's pages, source maps."""

    ignore_patterns = [*apps.StaticFilesConfig.ignore_patterns, "redoc", "rest_framework", "*.map"]


class StaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # It ships no types.
    """Puts a hash of its content into each file's name, and a compressed copy beside it."""

    def hashed_name(self, name: str, content: Any = None, filename: str | None = None) -> str:
        # A style sheet may name its source map, which is not collected; any other missing file is an error.
        if name.endswith(".map"):
            return name
        hashed: str = super().hashed_name(name, content, filename)
        return hashed
