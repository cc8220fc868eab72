"""What `collectstatic` leaves for the gateway to serve."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from chassis.staticfiles import StaticFilesStorage
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.test import override_settings

HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
STORAGE = {"staticfiles": {"BACKEND": "chassis.staticfiles.StaticFilesStorage"}}


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("collected")
    with override_settings(STATIC_ROOT=str(folder), STORAGES=STORAGE):
        call_command("collectstatic", "--no-input", verbosity=0)
    return folder


def test_what_no_page_loads_is_not_collected(collected: Path) -> None:
    paths = [path.relative_to(collected).as_posix() for path in collected.rglob("*") if path.is_file()]

    assert paths
    assert not [path for path in paths if "redoc" in path or "rest_framework" in path or ".map" in path]


def test_a_file_is_there_under_its_own_and_a_hashed_name_each_compressed_too(collected: Path) -> None:
    folder = collected / "drf_spectacular_sidecar" / "swagger-ui-dist"
    (hashed,) = (path.name for path in folder.glob("swagger-ui.*.css") if HASHED.search(path.name))

    assert all((folder / f"{name}.gz").exists() for name in ("swagger-ui.css", hashed))


def test_a_style_sheet_that_names_a_missing_file_is_an_error(tmp_path: Path) -> None:
    storage = StaticFilesStorage(location=str(tmp_path), base_url="/static/")
    storage.save("site.css", ContentFile(b"body { background: url(missing.png) }"))

    outcomes = [outcome for _, _, outcome in storage.post_process({"site.css": (storage, "site.css")})]

    assert any(isinstance(outcome, Exception) for outcome in outcomes)
