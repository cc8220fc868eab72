"""Which browser the tests drive: the machine's Chromium, or Playwright's own, kept in the project's .venv."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

DEBIAN = "on Debian: apt-get install --yes chromium chromium-sandbox libatomic1"
BROWSERS = Path(sys.prefix) / "browsers"
DOWNLOADED_WITHIN = 300


class NoBrowser(Exception):
    """There is no browser here; the message says why, and what to install."""


def find() -> str | None:
    """Return the machine's Chromium, or None for Playwright's own, downloaded if it is missing; raise NoBrowser."""
    # Its driver is a Node.js that wants libatomic1.
    if playwright("--version").returncode:
        raise NoBrowser(f"Playwright does not run here; install what it needs, {DEBIAN}")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        os.environ["PLAYWRIGHT_BROWSERS_PATH"] = str(BROWSERS)
        if playwright("install", "--only-shell", "chromium").returncode:
            raise NoBrowser(f"There is no browser here, and none can be downloaded; install one, {DEBIAN}")
    return chromium


def playwright(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "playwright", *arguments]
    try:
        return subprocess.run(command, capture_output=True, timeout=DOWNLOADED_WITHIN)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1)
