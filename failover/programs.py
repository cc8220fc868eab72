"""The programs of the system that the cluster needs beside those of Python packages."""

from __future__ import annotations

import os
import shutil

from local.errors import StackError

# Debian keeps HAProxy where only root looks.
PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"


def require() -> None:
    """Refuse to begin without them."""
    missing = [name for name in ("etcd", "haproxy") if not shutil.which(name, path=PATH)]
    if missing:
        needs = " and ".join(missing)
        raise StackError(f"the failover suite needs {needs}; on Debian: apt install etcd-server haproxy.")
