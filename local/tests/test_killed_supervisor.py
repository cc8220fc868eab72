"""The supervisor is killed, or has given up for a moment: the commands see what runs without it, and `up` heals."""

from __future__ import annotations

import psutil
import pytest

from local.orphans import NAMES, find
from local.programs import PROGRAMS, STAND_INS
from local.supervisor import Supervisor
from local.tests.installation import Installation
from tests.waiting import eventually

SIGN_IN = {"email": "alice@example.com", "password": "correct horse battery"}


@pytest.fixture
def orphans(installation: Installation) -> dict[str, psutil.Process]:
    """The processes of a stack with an account, after the end of its supervisor."""
    installation.up()
    installation.ask("/auth/register", SIGN_IN)
    installation.kill_supervisor()
    return find(Supervisor(installation.config()))


def ended(processes: dict[str, psutil.Process]) -> bool:
    return not any(process.is_running() for process in processes.values())


def test_every_program_is_known_to_the_rescue() -> None:
    assert {*PROGRAMS, *STAND_INS.values()} == NAMES


def test_up_puts_orphans_under_a_new_supervisor_and_loses_no_data(
    installation: Installation, orphans: dict[str, psutil.Process]
) -> None:
    assert set(orphans) == set(PROGRAMS)
    assert not ended(orphans)

    status = installation.run("status")
    restart = installation.run("restart")
    output = installation.up()

    for said in (status, restart):
        assert said.returncode == 1
        assert "The supervisor was killed; without it run auth-svc, auth-worker, gateway, postgres" in said.stdout
    assert "The supervisor was killed; stopping what runs without it: auth-svc, auth-worker, gateway" in output
    assert ended(orphans)
    assert installation.run("status").returncode == 0
    assert installation.ask("/auth/login", SIGN_IN)["success"]
    # PostgreSQL was stopped in good order: nothing was recovered.
    assert "not properly shut down" not in installation.log("postgres")


def test_down_stops_orphans_and_says_so(installation: Installation, orphans: dict[str, psutil.Process]) -> None:
    down = installation.run("down")

    assert down.returncode == 0
    assert "The supervisor was killed; stopping what runs without it: auth-svc" in down.stdout
    assert ended(orphans)
    assert installation.run("down").stdout == "Nothing ran.\n"


def test_a_program_that_is_about_to_be_tried_again_is_started_at_once(installation: Installation) -> None:
    installation.up_database()
    supervisor = Supervisor(installation.config())
    settings = installation.data_dir / "postgres" / "postgresql.auto.conf"
    before = settings.read_text()
    supervisor.stop("postgres")
    settings.write_text("no_such_setting = 1\n")
    supervisor.start("postgres")
    eventually(lambda: supervisor.program("postgres")["statename"] == "BACKOFF", within=30)
    settings.write_text(before)

    supervisor.start("postgres", wait=True)

    assert supervisor.program("postgres")["statename"] == "RUNNING"
