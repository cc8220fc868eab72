"""Mails of a stack without a mail server: files for its owner alone, and in no log."""

from __future__ import annotations

import os
import stat
import subprocess
from functools import partial

import pytest
from chassis.environment import Env

from local.config import Config
from local.services import ROOT, SERVICES
from tests.conftest import Persona, new_client
from tests.local_stack import LocalStack
from tests.waiting import eventually


def mails_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "manage_all.sh"), "mails", *arguments]
    return subprocess.run(command, env=os.environ, capture_output=True, text=True)


def ask_for_a_reset(email: str) -> None:
    assert new_client().post("/auth/password/reset", json={"email": email}).status_code == 200


def test_a_mail_is_a_file_that_only_its_owner_reads_and_in_no_log(alice: Persona, stack: LocalStack) -> None:
    ask_for_a_reset(alice.email)
    eventually(lambda: stack.reset_tokens(alice.email), within=30)
    (token,) = stack.reset_tokens(alice.email)

    config = Config()
    modes = {stat.S_IMODE(file.stat().st_mode) for file in config.mails.iterdir()}
    assert (modes, stat.S_IMODE(config.mails.stat().st_mode)) == ({0o600}, 0o700)
    for log in config.logs.iterdir():
        text = log.read_text(errors="replace")
        assert token not in text, log
        assert alice.email not in text, log


def test_the_last_mails_are_shown_the_newest_at_the_end(alice: Persona, bob: Persona, stack: LocalStack) -> None:
    for persona in (alice, bob):
        ask_for_a_reset(persona.email)
        eventually(partial(stack.reset_tokens, persona.email), within=30)

    last, both = mails_command("1").stdout, mails_command("2").stdout

    assert bob.email in last
    assert alice.email not in last
    assert 0 < both.index(alice.email) < both.index(bob.email)
    assert bob.email in mails_command().stdout


@pytest.mark.parametrize("count", ["0", "-1", "two", ""])
def test_what_is_no_number_of_mails_is_one_line(count: str) -> None:
    answer = mails_command(count)

    assert answer.returncode != 0
    assert answer.stderr.strip() == f"manage_all.sh: '{count}' is not a number of mails."


def test_without_mails_the_command_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str]) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))

    assert mails_command().stderr.strip() == f"manage_all.sh: there are no mails in {tmp_path}/mails."


@pytest.mark.parametrize("name", ["mails", "my mails+100%"])
def test_any_folder_may_hold_the_mails(monkeypatch: pytest.MonkeyPatch, tmp_path: os.PathLike[str], name: str) -> None:
    monkeypatch.setenv("DATA_DIR", f"{tmp_path}/{name}")
    config = Config()
    config.make_directories()
    monkeypatch.setenv("EMAIL_URL", config.service_environment(SERVICES[0])["EMAIL_URL"])

    assert Env().email("EMAIL_URL", default="consolemail://")["EMAIL_FILE_PATH"] == str(config.mails)
