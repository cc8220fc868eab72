"""The file of a backup, and what is refused before anything is changed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local import vault
from local.archive import PARTIAL, Archive, rotate
from local.backup import PATTERN
from local.databases import program
from local.drill import known_tombstones, own_secrets
from local.errors import StackError
from local.lending import lend
from local.renames import RESTORED, replaced, swap
from local.restore import forget, refuse, refuse_lent, undo
from local.services import SERVICES
from local.stack import Stack
from local.tests.installation import Installation

CONTENT = b"rows " * 1000
PHRASE = "correct horse battery"


@contextmanager
def refused(*words: str) -> Iterator[None]:
    """Expect one line with these words."""
    with pytest.raises(StackError) as raised:
        yield
    message = str(raised.value.code)
    assert [word for word in words if word not in message] == [], message
    assert "\n" not in message


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


def test_secrets_are_read_with_their_pass_phrase_alone() -> None:
    sealed = vault.encrypt({"service_key": "k" * 64}, PHRASE)

    assert b"kkkk" not in sealed
    assert vault.decrypt(sealed, PHRASE) == {"service_key": "k" * 64}
    with refused("another pass phrase"):
        vault.decrypt(sealed, PHRASE + "!")


def test_a_pass_phrase_must_be_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKUP_PASSPHRASE", "short")

    with refused("12 characters"):
        vault.pass_phrase()


def test_programs_older_than_the_server_are_refused() -> None:
    assert program("pg_dump", 180_000).endswith("pg_dump")
    with refused("PostgreSQL 99", "pg_dump"):
        program("pg_dump", 990_000)


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


def test_a_secret_that_cannot_be_read_is_named(installation: Installation, tmp_path: Path) -> None:
    missing = tmp_path / "key"
    installation.environment["SERVICE_KEY_FILE"] = str(missing)

    with refused("SERVICE_KEY", str(missing), "No such file"):
        vault.read_secrets(installation.config())


def test_databases_elsewhere_are_backed_up_where_no_stack_ever_was(installation: Installation, tmp_path: Path) -> None:
    installation.up_database()
    assert installation.run("migrate").returncode == 0
    config = installation.config()
    elsewhere = {service.url_setting: config.database_url(service) for service in SERVICES}

    done = installation.run("backup", str(tmp_path / "x.backup"), DATA_DIR=str(tmp_path / "never"), **elsewhere)

    assert done.returncode == 0, done.stdout
    with Archive.read(tmp_path / "x.backup") as archive:
        assert set(archive.manifest["databases"]) == {service.short for service in SERVICES}


def test_keys_of_the_environment_are_in_the_backup_of_a_machine_without_any(installation: Installation) -> None:
    config = installation.config()
    config.environment |= {name: f"the {name}" for name in vault.FILES}

    assert vault.read_secrets(config) == {file: f"the {name}" for name, file in vault.FILES.items()}
    assert own_secrets(config) == vault.read_secrets(config)
    assert not config.data_dir.exists()


def test_a_drill_where_no_stack_ever_was_knows_neither_keys_nor_deletions(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    config = installation.config()

    assert (own_secrets(config), known_tombstones(Stack(config))) == (None, None)
    assert "With fresh keys, so old tokens and deletions mean nothing here" in capsys.readouterr().err
    assert not config.data_dir.exists()


WRONG = [("backup", "--keep=0"), ("backup", "a", "b"), ("backup", "a", "--keep=2"), ("restore",), ("drill", "-x")]
WRONG += [("restore", "--undo", "x"), ("restore", "--undo", "--secrets")]


@pytest.mark.parametrize("command", WRONG, ids=str)
def test_wrong_arguments_are_one_line(installation: Installation, command: tuple[str, ...]) -> None:
    done = installation.run(*command)

    assert done.returncode == 1
    assert done.stdout.startswith("manage_all.sh: ")
    assert done.stdout.count("\n") == 1
