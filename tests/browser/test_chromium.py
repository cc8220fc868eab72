from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import chromium


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a browser, from which Playwright's own cannot be reached."""
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_HOST", "http://127.0.0.1:9")
    # So that what `find` sets is gone after the test.
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", "")
    monkeypatch.setattr(chromium, "BROWSERS", tmp_path)


@pytest.mark.usefixtures("nothing_installed")
def test_where_no_browser_can_be_had_a_sentence_names_what_to_install() -> None:
    with pytest.raises(chromium.NoBrowser, match="apt-get install --yes chromium chromium-sandbox libatomic1"):
        chromium.find()


@pytest.mark.usefixtures("nothing_installed")
def test_the_machines_own_browser_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/opt/chromium")

    assert chromium.find() == "/opt/chromium"
