"""No log grows without end."""

from __future__ import annotations

from configparser import RawConfigParser

import pytest
import yaml

from local.programs import PROGRAMS, STAND_INS
from local.services import ROOT

ROTATED = {"maxbytes": "10MB", "backups": "2"}


def test_the_supervisor_keeps_thirty_megabytes_of_each_program() -> None:
    config = RawConfigParser()
    config.read(ROOT / "local" / "supervisord.conf")
    kept = {
        name: {each: config[name][f"stdout_logfile_{each}"] for each in ROTATED}
        for name in config
        if ":" in name and "command" in config[name]
    }
    assert {f"program:{name}" for name in (*PROGRAMS, *STAND_INS.values())} == kept.keys()
    assert all(of_program == ROTATED for of_program in kept.values())
    assert {each: config["supervisord"][f"logfile_{each}"] for each in ROTATED} == ROTATED


@pytest.mark.parametrize("file", ["compose.yaml", "compose.monitoring.yaml"])
def test_docker_keeps_thirty_megabytes_of_each_container(file: str) -> None:
    services = yaml.safe_load((ROOT / file).read_text())["services"]

    assert {name: each["logging"]["options"] for name, each in services.items()} == {
        name: {"max-size": "10m", "max-file": "3"} for name in services
    }
