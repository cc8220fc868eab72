"""The file of a backup: a zip of dumps, of the secrets if wanted, and of a manifest, which is written last."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from local.errors import StackError

FORMAT = 1
MANIFEST = "manifest.json"
SECRETS = "secrets"
PARTIAL = ".partial"
CHUNK = 1 << 20


class Archive:
    """A backup that is being written or read."""

    def __init__(self, path: Path, file: zipfile.ZipFile, manifest: dict[str, Any]) -> None:
        self.path = path
        self.file = file
        self.manifest = manifest

    @classmethod
    @contextmanager
    def write(cls, path: Path) -> Iterator[Archive]:
        """Have a new archive, which gets its name only when it is whole and on the disk."""
        partial = path.with_name(path.name + PARTIAL)
        if path.exists():
            raise StackError(f"{path} exists already.")
        descriptor = os.open(partial, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w+b") as raw:
            try:
                fcntl.flock(raw, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(f"another backup is writing {path}.") from None
            try:
                raw.truncate()
                with zipfile.ZipFile(raw, "w") as file:
                    archive = cls(path, file, {"format": FORMAT, "sha256": {}})
                    yield archive
                    file.writestr(MANIFEST, json.dumps(archive.manifest, indent=1))
                raw.flush()
                os.fsync(raw.fileno())
                partial.rename(path)
            except BaseException:
                partial.unlink(missing_ok=True)
                raise
        directory = os.open(path.parent, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)

    @classmethod
    @contextmanager
    def read(cls, path: Path) -> Iterator[Archive]:
        """Have an archive whose every byte is as it was written."""
        if not path.exists():
            raise StackError(f"there is no {path}.")
        with ExitStack() as opened:
            try:
                file = opened.enter_context(zipfile.ZipFile(path))
                archive = cls(path, file, json.loads(file.read(MANIFEST)))
                archive.verify()
            except (zipfile.BadZipFile, KeyError, json.JSONDecodeError):
                raise StackError(f"{path} is no whole backup.") from None
            yield archive

    def add(self, name: str, source: IO[bytes]) -> int:
        """Add a file of unknown length as it comes; return its length."""
        digest, length = hashlib.sha256(), 0
        with self.file.open(name, "w", force_zip64=True) as target:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                length += target.write(chunk)
        self.manifest["sha256"][name] = digest.hexdigest()
        return length

    def verify(self) -> None:
        """Compare every file with its sum; raise StackError."""
        if self.manifest["format"] != FORMAT:
            raise StackError(f"{self.path} has the format {self.manifest['format']}, which this version does not know.")
        sums = self.manifest["sha256"]
        for name in self.manifest["databases"]:
            if f"{name}.dump" not in sums:
                raise StackError(f"{self.path} is damaged: there is no sum of {name}.dump.")
        for name, expected in sums.items():
            with self.file.open(name) as source:
                if hashlib.file_digest(source, "sha256").hexdigest() != expected:  # type: ignore[arg-type]  # It reads.
                    raise StackError(f"{self.path} is damaged: {name} is not what was written.")

    def copy(self, name: str, target: IO[bytes]) -> None:
        with self.file.open(name) as source:
            shutil.copyfileobj(source, target, CHUNK)


def rotate(made: Path, pattern: str, keep: int) -> list[Path]:
    """Delete all but the newest backups beside one just made, and what interrupted ones left; return the former."""
    folder = made.parent
    for partial in folder.glob(pattern + PARTIAL):
        with partial.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            partial.unlink()
    # Their names are their times, by whatever clock.
    others = sorted(path for path in folder.glob(pattern) if path != made)
    old = others[: max(0, len(others) + 1 - keep)]
    for path in old:
        path.unlink()
    return old
