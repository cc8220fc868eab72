"""Which process of the local stack learns which secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from local.config import Config
from local.services import SERVICES

AUTH_ALONE = ("JWT_SIGNING_KEY", "JWT_PREVIOUS_KEY", "AUTH_SECRET_KEY", "EMAIL_URL")
HOLDERS = {name: ["auth-svc"] for name in AUTH_ALONE} | {
    "SERVICE_KEY": ["auth-svc", "task-svc", "user-svc"],
    "TASK_SECRET_KEY": ["task-svc"],
    "USER_SECRET_KEY": ["user-svc"],
}


@pytest.mark.parametrize("suffix", ["", "_FILE"], ids=["by value", "by file"])
def test_a_secret_that_is_given_reaches_its_own_services_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, suffix: str
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    for name in HOLDERS:
        monkeypatch.delenv(f"{name}_FILE", raising=False)
        monkeypatch.setenv(f"{name}{suffix}", f"the {name}")
    for service in SERVICES:
        monkeypatch.setenv(service.url_setting, f"postgres://the:password@of/{service.short}")
    config = Config()
    config.make_directories()

    environments = {service.name: config.service_environment(service) for service in SERVICES}

    for name, holders in HOLDERS.items():
        assert [each for each, known in environments.items() if f"the {name}" in known.values()] == holders, name
    for known in (config.base_environment(), config.gateway_environment()):
        assert not {f"the {name}" for name in HOLDERS} & set(known.values())
    for known in (*environments.values(), config.base_environment()):
        assert not any("the:password" in value for value in known.values())


def test_secrets_that_are_not_given_are_files_of_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    config = Config()
    config.make_directories()

    keys = [config.service_environment(service)["SECRET_KEY_FILE"] for service in SERVICES]

    assert len({Path(key).read_text() for key in keys}) == len(SERVICES)
    assert {Path(key).stat().st_mode & 0o777 for key in keys} == {0o600}


def test_only_what_needs_a_session_gets_the_database_past_the_pooler(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    service = SERVICES[0]
    monkeypatch.setenv(service.url_setting, "postgres://the:password@pooler/auth")
    config = Config()
    config.make_directories()

    def url(*, direct: bool) -> str:
        return Path(config.service_environment(service, direct=direct)["DATABASE_URL_FILE"]).read_text()

    same = url(direct=True)
    config.environment[service.direct_url_setting] = "postgres://the:password@database/auth"

    assert same == url(direct=False) == "postgres://the:password@pooler/auth"
    assert url(direct=True) == "postgres://the:password@database/auth"
