"""The file of a backup, and the files that rotation deletes."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from local.archive import PARTIAL, Archive, rotate
from local.backup import PATTERN
from local.tests.refusals import refused

CONTENT = b"rows " * 1000


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    path = tmp_path / "whole.backup"
    with Archive.write(path) as archive:
        archive.manifest["databases"] = {"task": {}}
        archive.add("task.dump", io.BytesIO(CONTENT))
    return path


def test_a_backup_is_for_its_owner_alone_and_reads_as_it_was_written(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    with Archive.read(backup) as archive:
        assert archive.file.read("task.dump") == CONTENT


def test_an_interrupted_backup_leaves_no_file(tmp_path: Path) -> None:
    def interrupted() -> None:
        with Archive.write(tmp_path / "x.backup") as archive:
            archive.add("task.dump", io.BytesIO(CONTENT))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("length", [0, 1, 2500, -1], ids=["empty", "a-byte", "half", "all-but-one"])
def test_what_is_not_whole_is_refused(backup: Path, length: int) -> None:
    backup.write_bytes(backup.read_bytes()[:length])

    with refused("is no whole backup"), Archive.read(backup):
        pass


def test_a_changed_byte_is_noticed(backup: Path) -> None:
    content = bytearray(backup.read_bytes())
    content[content.index(CONTENT) + 7] ^= 1
    backup.write_bytes(content)

    with refused(str(backup)), Archive.read(backup):
        pass


def test_a_dump_without_a_sum_is_noticed(tmp_path: Path) -> None:
    with Archive.write(tmp_path / "x.backup") as archive:
        archive.manifest["databases"] = {"task": {}, "user": {}}
        archive.add("task.dump", io.BytesIO(CONTENT))

    with refused("no sum of user.dump"), Archive.read(tmp_path / "x.backup"):
        pass


def test_a_fault_of_its_reader_is_not_the_backups(backup: Path) -> None:
    with pytest.raises(KeyError), Archive.read(backup):
        raise KeyError


def test_a_second_backup_to_the_same_file_is_refused_while_the_first_one_writes(tmp_path: Path) -> None:
    path = tmp_path / "x.backup"
    with Archive.write(path) as first:
        first.manifest["databases"] = {"task": {}}
        first.add("task.dump", io.BytesIO(CONTENT))
        with refused("another backup is writing"), Archive.write(path):
            pass

    with Archive.read(path):
        pass
    with refused("exists already"), Archive.write(path):
        pass


def test_rotation_keeps_the_newest_and_what_is_being_written(tmp_path: Path) -> None:
    names = [f"task-manager-2026010{day}T000000Z.backup" for day in range(1, 5)]
    for name in (*names, names[0] + PARTIAL, "notes.txt"):
        (tmp_path / name).touch()

    with Archive.write(tmp_path / "task-manager-20260105T000000Z.backup"):
        old = rotate(tmp_path / names[3], PATTERN, 2)
        left = {path.name for path in tmp_path.iterdir()}

    assert [path.name for path in old] == names[:2]
    assert left == {*names[2:], f"task-manager-20260105T000000Z.backup{PARTIAL}", "notes.txt"}


def test_rotation_deletes_nothing_before_there_are_as_many_as_are_kept(tmp_path: Path) -> None:
    names = [f"task-manager-2026010{day}T000000Z.backup" for day in range(1, 8)]
    for made in range(1, 8):
        (tmp_path / names[made - 1]).touch()
        rotate(tmp_path / names[made - 1], PATTERN, 5)
        assert sorted(path.name for path in tmp_path.iterdir()) == names[max(0, made - 5) : made]


def test_rotation_keeps_the_backup_just_made_though_the_clock_was_wrong_before(tmp_path: Path) -> None:
    made, future = (tmp_path / f"task-manager-{year}0101T000000Z.backup" for year in (2026, 2099))
    made.touch()
    future.touch()

    assert rotate(made, PATTERN, 1) == [future]
    assert made.exists()
