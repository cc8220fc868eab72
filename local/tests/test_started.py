"""A running stack goes on with the settings that it was started with."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest

from local.supervisor import Supervisor
from local.tests.installation import PORTS, Installation
from tests.waiting import eventually

SECRET = "known-to-the-services-alone-and-long-enough"


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """A stack that was started with settings of its own."""
    made = Installation()
    try:
        made.up(WEB_THREADS="3", LOG_LEVEL="ERROR", BIND_ADDRESS="127.0.0.2", SERVICE_KEY=SECRET)
        yield made
    finally:
        made.remove()


@pytest.fixture(autouse=True)
def _unedited(installation: Installation) -> Iterator[None]:
    yield
    installation.configure()


@pytest.mark.parametrize("command", ["up", "restart", "migrate"])
def test_a_setting_that_contradicts_it_is_one_line(installation: Installation, command: str) -> None:
    refused = installation.run(command, WEB_THREADS="5")

    assert refused.stdout == (
        "manage_all.sh: WEB_THREADS is 5, but this stack was started with 3; "
        "`down` first, or set it in .env and `restart`.\n"
    )


def test_a_secret_that_contradicts_it_is_not_shown(installation: Installation) -> None:
    refused = installation.run("restart", SERVICE_KEY="x" * 32)

    assert refused.stdout.startswith("manage_all.sh: SERVICE_KEY is not the one that this stack was started with; ")
    assert "x" * 32 not in refused.stdout


def test_a_command_in_another_terminal_needs_none_of_the_settings(installation: Installation) -> None:
    ports = {name: installation.environment.pop(name) for name in PORTS}
    try:
        assert installation.run("restart", "auth-worker").stdout == "Restarted auth-worker.\n"
    finally:
        installation.environment |= ports


def test_a_restart_elsewhere_has_the_same_settings_and_takes_up_what_is_new_in_env(installation: Installation) -> None:
    before = installation.process("user-svc")
    installation.configure(LOG_LEVEL="WARNING")

    restarted = installation.run("restart", "task-svc")

    assert restarted.stdout == "Migrating ...\nRestarted task-svc.\n"
    environment = installation.process("task-svc").environ()
    assert (environment["WEB_THREADS"], environment["LOG_LEVEL"]) == ("3", "WARNING")
    # Nothing else was touched.
    assert installation.process("user-svc") == before


def test_the_gateway_listens_where_it_is_told_to(installation: Installation) -> None:
    assert installation.listens_on("gateway", "GATEWAY_PORT") == {"127.0.0.2"}
    assert installation.listens_on("gateway", "GATEWAY_METRICS_PORT") == {"127.0.0.1"}


def test_a_stand_in_left_by_a_killed_restart_ends_with_the_next(installation: Installation) -> None:
    supervisor = Supervisor(installation.config())
    supervisor.start("task-svc-stand-in")
    left = installation.process("task-svc-stand-in")

    assert installation.run("restart", "task-svc").returncode == 0

    assert not left.is_running()
    assert not supervisor.is_up("task-svc-stand-in")


def test_commands_that_only_look_may_have_other_settings(installation: Installation) -> None:
    assert installation.run("status", WEB_THREADS="5").returncode == 0


def test_half_edited_settings_neither_keep_a_program_down_nor_block_commands_that_look(
    installation: Installation,
) -> None:
    installation.configure(LOG_LEVL="INFO", TASK_PORT="1", TRUSTED_PROXIES="192.0.2.1")
    killed = installation.process("gateway")

    killed.kill()

    eventually(lambda: installation.pid("gateway") not in (0, killed.pid), within=30)
    eventually(lambda: installation.run("status").returncode == 0, within=30)
    assert "192.0.2.1" not in installation.process("gateway").environ().get("TRUSTED_PROXIES", "")
    assert "there is no setting LOG_LEVL" in installation.run("restart").stdout


def test_another_port_in_env_is_for_the_next_start(installation: Installation) -> None:
    port = installation.environment.pop("TASK_PORT")
    try:
        installation.configure(TASK_PORT="1")

        refused = installation.run("restart")
    finally:
        installation.environment["TASK_PORT"] = port

    assert refused.stdout == f"manage_all.sh: TASK_PORT is 1 in .env, but this stack runs on {port}; `down` first.\n"


def test_a_restart_gives_the_gateway_new_limits_too(installation: Installation) -> None:
    before = installation.process("gateway")
    installation.configure(GOGC="50", GATEWAY_FILES="100")

    assert installation.run("restart", "gateway").returncode == 0

    process = installation.process("gateway")
    assert process.environ()["GOGC"] == "50"
    assert process.rlimit(psutil.RLIMIT_NOFILE)[0] == 100
    assert installation.run("restart", "gateway").returncode == 0
    # It need not end for what it can load.
    assert installation.process("gateway") == process != before


def test_a_secret_reaches_the_services_alone(installation: Installation) -> None:
    assert SECRET in installation.process("auth-svc").environ().values()
    for name in ("postgres", "gateway"):
        assert SECRET not in installation.process(name).environ().values()


@pytest.mark.parametrize(
    "command", [["status", "x"], ["down", "x"], ["mails", "1", "2"], ["up", "x"], ["restart", "a", "b"]]
)
def test_arguments_that_a_command_does_not_take_are_one_line(installation: Installation, command: list[str]) -> None:
    refused = installation.run(*command)

    assert refused.stdout.startswith(f"manage_all.sh: {command[0]}: too many positional arguments; ")
    assert refused.stdout.count("\n") == 1
