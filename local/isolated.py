"""A stack that disturbs no other, and that no setting of the caller changes."""

from __future__ import annotations

import os
from pathlib import Path

from local import ports, settings
from local.config import Config
from local.stack import Stack


def isolated(data_dir: Path, **given: str) -> Stack:
    """Return a stack with this DATA_DIR and ports of its own; take all settings from this process but those given."""
    for name in settings.names():
        os.environ.pop(name, None)
    free = dict(zip(settings.PORTS, ports.free(len(settings.PORTS)), strict=True))
    os.environ |= {"DATA_DIR": str(data_dir), "ENV_FILE": os.devnull, **free, **given}
    return Stack(Config())
