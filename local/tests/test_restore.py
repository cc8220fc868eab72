"""What a restore refuses before anything is changed."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from local import vault
from local.archive import Archive
from local.lending import lend
from local.renames import RESTORED, replaced, swap
from local.restore import forget, put_in_place, refuse, refuse_lent, run, undo
from local.services import SERVICES
from local.stack import Stack
from local.tests.installation import Installation
from local.tests.refusals import refused

CONTENT = b"rows " * 1000


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"migrations": {service.app: "0999_later" for service in SERVICES}},
            "newer than this",
        ),
        ({"server": 990_000}, "is of PostgreSQL 99, and the server is 18"),
        ({"size": 1 << 60}, "MiB free, and a restore needs"),
    ],
    ids=["schema", "server", "disk"],
)
def test_what_cannot_be_restored_is_refused_before_anything_is_changed(
    installation: Installation, tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    installation.up_database()
    with Archive.write(tmp_path / "x.backup") as archive:
        dumped = {"migrations": {}, "server": 180_000, "size": 1} | changed
        archive.manifest["databases"] = {service.short: dumped for service in SERVICES}
        for service in SERVICES:
            archive.add(f"{service.short}.dump", io.BytesIO(CONTENT))

    with Archive.read(tmp_path / "x.backup") as read, refused(words):
        refuse(Stack(installation.config()), read)


def test_no_database_is_renamed_where_one_cannot_be_reached(installation: Installation) -> None:
    installation.up_database()
    installation.environment["AUTH_DATABASE_URL"] = "postgres://auth_svc:x@127.0.0.1:1/auth_db"
    stack = Stack(installation.config())
    with stack.postgres.connect() as connection:
        connection.execute("CREATE DATABASE task_db_restored")
        connection.execute("CREATE DATABASE user_db_restored")

    with refused("are as they were"):
        swap(stack, RESTORED)

    with stack.postgres.connect() as connection:
        names = {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}
    assert {"task_db", "task_db_restored", "user_db", "user_db_restored"} <= names
    assert not {"task_db_old", "user_db_old"} & names


def test_what_a_killed_restore_has_renamed_is_not_dropped(installation: Installation) -> None:
    installation.up_database()
    stack = Stack(installation.config())
    with stack.postgres.connect() as connection:
        connection.execute("CREATE DATABASE task_db_old")
        connection.execute("CREATE DATABASE user_db_restored")

    for act in (forget, undo):
        with refused("a restore was killed while it renamed, so that task_db is of a backup"):
            act(stack)


def test_forget_goes_on_where_it_was_interrupted_and_undo_does_not(installation: Installation) -> None:
    installation.up_database()
    stack = Stack(installation.config())
    with stack.postgres.connect() as connection:
        connection.execute("CREATE DATABASE task_db_old")

    with refused("`--forget` dropped what was there before"):
        undo(stack)
    forget(stack)

    assert replaced(stack) == []


def test_a_service_that_runs_in_a_terminal_is_ended_there_first(installation: Installation) -> None:
    installation.up_database()
    stack = Stack(installation.config())

    with lend(stack.config, "task-svc"), refused("task-svc runs in another terminal, under `dev`"):
        refuse_lent(stack)
    refuse_lent(stack)


def test_databases_whose_names_may_have_changed_are_reconciled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stack = Mock(**{"programs.return_value": ("postgres", "gateway")})
    stack.config.data_dir, stack.config.unreconciled = tmp_path, tmp_path / "unreconciled"
    monkeypatch.setattr("local.restore.processes", Mock())
    monkeypatch.setattr("local.restore.databases", lambda config: [])
    monkeypatch.setattr("local.restore.swap", Mock(side_effect=KeyboardInterrupt))

    with pytest.raises(KeyboardInterrupt):
        put_in_place(stack, [], RESTORED)

    assert stack.start_programs.called
    assert stack.config.unreconciled.exists()


@pytest.mark.parametrize("renamed", [True, False], ids=["with-the-databases", "not-without-them"])
def test_the_secrets_of_a_backup_are_used_though_the_restore_was_killed(
    installation: Installation, renamed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.up_database()
    stack = Stack(installation.config())
    before = {file: stack.config.secret(file).read_text() for file in vault.FILES.values()}
    restored = {file: f"the {file} of the backup" for file in vault.FILES.values()}
    vault.stage_secrets(stack.config, restored)
    if renamed:
        with stack.postgres.connect() as connection:
            for service in SERVICES:
                connection.execute(f"CREATE DATABASE {service.database}_old")

    stack.config.unreconciled.touch()
    starts = Mock()
    monkeypatch.setattr(stack, "_start_healthy", starts)
    monkeypatch.setattr("local.stack.processes.manage", starts)

    for act in ("--forget", "--undo"):
        with refused("a restore was interrupted"):
            run(stack, act)
    stack.start_programs()

    assert starts.called
    assert vault.read_secrets(stack.config) == (restored if renamed else before)
    assert {path.name for path in (stack.config.data_dir / "secrets").glob("*.restored")} == set()
