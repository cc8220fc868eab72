"""Backups of every kind of installation, their secrets, and arguments of the commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from local import vault
from local.archive import Archive
from local.databases import program
from local.drill import known_tombstones, own_secrets
from local.services import SERVICES
from local.stack import Stack
from local.tests.installation import Installation
from local.tests.refusals import refused

PHRASE = "correct horse battery"


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


def test_a_database_without_tables_is_refused(installation: Installation) -> None:
    installation.up_database()

    done = installation.run("backup")

    assert done.returncode == 1
    assert done.stdout == "manage_all.sh: task_db has no tables yet; `./manage_all.sh migrate` makes them.\n"


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
WRONG += [("update", "x"), ("restore", "--undo", "x"), ("restore", "--undo", "--secrets")]


@pytest.mark.parametrize("command", WRONG, ids=str)
def test_wrong_arguments_are_one_line(installation: Installation, command: tuple[str, ...]) -> None:
    done = installation.run(*command)

    assert done.returncode == 1
    assert done.stdout.startswith("manage_all.sh: ")
    assert done.stdout.count("\n") == 1
