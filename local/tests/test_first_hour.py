"""What a newcomer meets when something is in the way: one line, soon, and nothing left running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.errors import plain, reason
from local.tests.installation import Installation


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes, which is too small, and may be made read-only."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", place], capture_output=True, text=True)
    if made.returncode:
        pytest.skip("Only root may mount a file system.")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def test_a_disk_that_is_too_small_is_one_line(mount: Path, installation: Installation) -> None:
    refused = installation.run("up", DATA_DIR=str(mount / "data"))

    assert refused.stdout == f"manage_all.sh: {mount / 'data'} has 4 MiB free and needs 143.\n"


def test_a_full_disk_is_one_line_that_names_the_folder(mount: Path, installation: Installation) -> None:
    data_dir = mount / "data"
    # As if a cluster were there already, so that it is started.
    (data_dir / "postgres").mkdir(parents=True)
    filled = subprocess.run(["dd", "if=/dev/zero", f"of={mount / 'filler'}"], capture_output=True, text=True)
    assert "No space left" in filled.stderr

    refused = installation.run("up", DATA_DIR=str(data_dir))

    assert refused.returncode == 1
    assert refused.stdout.startswith(f"manage_all.sh: the disk of DATA_DIR ({data_dir}) is full; ")
    assert refused.stdout.count("\n") == 1


def test_a_read_only_place_is_one_line_that_names_it(mount: Path, installation: Installation) -> None:
    subprocess.run(["mount", "-o", "remount,ro", mount], check=True)

    refused = installation.run("up", DATA_DIR=str(mount / "data"))

    assert refused.stdout == f"manage_all.sh: {mount / 'data'}: Read-only file system.\n"


def test_a_port_in_use_is_one_line_that_names_the_setting(installation: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(installation.environment["TASK_PORT"])))
        other.listen()

        refused = installation.run("up")

    port = installation.environment["TASK_PORT"]
    assert refused.stdout == (
        f"manage_all.sh: port {port} is in use; set TASK_PORT to another one, in the environment or in .env.\n"
    )
    assert not installation.processes()


def test_a_failed_start_leaves_nothing_running_and_says_which_host_did_not_answer(installation: Installation) -> None:
    refused = installation.run("up", TASK_DATABASE_URL="postgres://task_svc:secret@127.0.0.1:1/task_db")

    assert refused.returncode == 1
    last = refused.stdout.splitlines()[-1]
    assert last.startswith("manage_all.sh: migrate of task-svc failed: ")
    assert "127.0.0.1" in last
    assert "secret" not in refused.stdout
    assert not installation.processes()


def test_a_program_that_ends_again_and_again_is_given_up_soon_with_its_own_last_words(
    installation: Installation,
) -> None:
    installation.up()
    installation.run("down")
    (installation.data_dir / "postgres" / "PG_VERSION").write_text("12\n")

    started = time.monotonic()
    refused = installation.run("up")

    assert time.monotonic() - started < 30
    assert refused.returncode == 1
    assert refused.stdout.startswith("manage_all.sh: postgres does not start: ")
    assert "database files are incompatible with server" in refused.stdout
    assert not installation.processes()


def test_an_interrupted_up_says_how_to_go_on_and_goes_on(installation: Installation) -> None:
    up = subprocess.Popen(
        [str(installation.root / "manage_all.sh"), "up"],
        env=installation.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert up.stdout is not None
    assert up.stdout.readline() == "Making the PostgreSQL cluster ...\n"
    assert up.stdout.readline() == "Migrating ...\n"

    # As a terminal does it, to every process of the command.
    os.killpg(up.pid, signal.SIGINT)

    output, _ = up.communicate(timeout=60)
    assert up.returncode == 130
    assert output == "\nInterrupted; `up` continues, `down` stops.\n"
    installation.up()


def test_logs_of_a_stack_that_does_not_run_say_so_and_end(installation: Installation) -> None:
    assert installation.run("logs").stdout == "manage_all.sh: there are no logs yet.\n"
    (installation.data_dir / "logs").mkdir(parents=True)
    (installation.data_dir / "logs" / "gateway.log").write_text("the last line\n")

    ended = installation.run("logs", "gateway")

    assert ended.stdout == "Nothing runs; start it with `up`. The last lines:\nthe last line\n"


def test_a_staff_account_needs_a_terminal_or_all_that_is_asked(installation: Installation) -> None:
    assert "./manage_all.sh createsuperuser --no-input --email" in installation.run("createsuperuser").stdout


def test_the_output_of_env_may_be_cut_off(installation: Installation) -> None:
    cut = subprocess.run(
        ["bash", "-c", f"'{installation.root}/manage_all.sh' env | head -1"],
        env=installation.environment,
        capture_output=True,
        text=True,
    )

    assert cut.stdout.startswith("# Settings of a deployment.")
    assert cut.stderr == ""


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "it says nothing"),
        ("one\ntwo\n\n", "two"),
        ("initdb: error: could not create\ninitdb: removing directory", "initdb: error: could not create"),
        (
            'psycopg.OperationalError: connection to server at "db.test" failed: Connection refused\n'
            "\tIs the server running on that host and accepting TCP/IP connections?",
            'psycopg.OperationalError: connection to server at "db.test" failed: Connection refused',
        ),
        ('{"level": "ERROR", "message": "gone"}\n{"level": "info", "msg": "bye"}', "gone"),
        ('{"level": "ERROR", "message": "m", "exception": "Traceback\\nValueError: x"}\nlast', "ValueError: x"),
    ],
)
def test_the_reason_of_a_failure_is_the_line_that_names_it(said: str, why: str) -> None:
    assert reason(said) == why


def test_a_line_that_is_json_but_no_log_is_left_as_it_is() -> None:
    assert [plain(line) for line in ("17", '{"a": 1}', "[]")] == ["17", '{"a": 1}', "[]"]
