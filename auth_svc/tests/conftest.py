"""The personas of auth_svc: real accounts with real sessions, since here nobody is stubbed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from accounts.clients import services_with_account_data
from accounts.models import Session, User
from accounts.tokens import token_backend, token_pair
from chassis.environment import Rate
from chassis.testing import JSONClient
from config.settings import PASSWORD_HASHERS
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

pytest_plugins = ["tests.admin", "tests.resets", "tests.worker"]

PASSWORD = "correct horse battery"


@dataclass
class Persona:
    """Somebody with an account, signed in once."""

    user: User
    session: Session = field(init=False)
    access_token: str = field(init=False)
    refresh_token: str = field(init=False)
    client: JSONClient = field(init=False)

    def __post_init__(self) -> None:
        self.sign_in()

    def sign_in(self) -> None:
        """Go on with a new session."""
        session = Session.objects.open(self.user)
        assert session is not None
        self.session = session
        pair = token_pair(session)
        self.access_token, self.refresh_token = pair["access_token"], pair["refresh_token"]
        self.client = JSONClient(self.access_token)

    def is_signed_in(self) -> bool:
        return bool(self.client.get("/auth/me").status_code == 200)


@pytest.fixture(autouse=True)
def _cheap_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class OvertakenHasher(MD5PasswordHasher):
    """A hasher during whose work something else happens, once."""

    meanwhile: Callable[[], object] | None = None

    def verify(self, password: str, encoded: str) -> bool:
        right = super().verify(password, encoded)
        act, OvertakenHasher.meanwhile = OvertakenHasher.meanwhile, None
        if act:
            act()
        return right


@pytest.fixture
def while_hashing(settings: Settings) -> Iterator[Callable[[Callable[[], object]], None]]:
    """Say what happens while the next password is checked."""

    def announce(act: Callable[[], object]) -> None:
        OvertakenHasher.meanwhile = act

    settings.PASSWORD_HASHERS = ["tests.conftest.OvertakenHasher"]
    yield announce
    assert OvertakenHasher.meanwhile is None


@pytest.fixture
def real_passwords(settings: Settings) -> None:
    """Hash as in production."""
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS


@pytest.fixture(autouse=True)
def _fresh_process() -> Iterator[None]:
    """Keep neither signing keys nor memories of other services' failures from one test to the next."""
    token_backend.cache_clear()
    services_with_account_data.cache_clear()
    yield
    token_backend.cache_clear()
    services_with_account_data.cache_clear()


@pytest.fixture
def alice(db: None) -> Persona:
    """Somebody who owns things."""
    return Persona(User.objects.create_user("alice@example.com", PASSWORD))


@pytest.fixture
def bob(db: None) -> Persona:
    """Somebody who owns nothing of alice's."""
    return Persona(User.objects.create_user("bob@example.com", PASSWORD))


@pytest.fixture
def staff(db: None) -> Persona:
    """Somebody who may use the admin."""
    return Persona(User.objects.create_user("staff@example.com", PASSWORD, is_staff=True))


@pytest.fixture
def anonymous(db: None) -> JSONClient:
    """Nobody in particular."""
    return JSONClient()


@pytest.fixture
def no_jobs(transactional_db: None) -> Iterator[None]:
    """Start and end without jobs: their tables are not Django's, so that no test's flush empties them."""
    clear = "TRUNCATE procrastinate_jobs, procrastinate_workers, procrastinate_periodic_defers CASCADE"
    execute(clear)
    yield
    execute(clear)


def execute(statement: str, *arguments: Any) -> None:
    """Change rows that Django's models do not let be changed."""
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)


def deferred(task: str) -> list[dict[str, object]]:
    """Return the arguments of a task's waiting jobs, oldest first."""
    waiting = ProcrastinateJob.objects.filter(task_name=f"accounts.jobs.{task}", status="todo")
    return [job.args for job in waiting.order_by("id")]


def limit(settings: Settings, scope: str, rate: Rate) -> None:
    """Set one of the limits for this test."""
    settings.RATES = settings.RATES | {scope: rate}
