"""A worker, the jobs of a test alone, and what task_svc says of an erasure: a plugin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
import responses
from accounts.clients import services_with_account_data
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from tests.conftest import execute

ACCOUNT = str(uuid4())


@pytest.fixture
def jobs_of_this_test_alone(no_jobs: None, wire: responses.RequestsMock) -> None:
    """Start without jobs, and reach no other service."""


def work() -> None:
    """Run a worker, as manage.py does, until no job is due; time passes as it likes for those that wait.

    The periodic jobs are left out: which of them a worker adds depends on the time of day.
    """
    assert isinstance(app.connector, DjangoConnector)

    async def run() -> None:
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)

    services_with_account_data.cache_clear()
    execute("UPDATE procrastinate_jobs SET scheduled_at = NULL")
    no_periodic_jobs = patch.object(app.periodic_registry, "periodic_tasks", {})
    with no_periodic_jobs, app.replace_connector(app.connector.get_worker_connector()):
        asyncio.run(run())


def the_job(task: str = "erase_account") -> Any:
    return ProcrastinateJob.objects.get(task_name=f"accounts.jobs.{task}")


@pytest.fixture
def erasing(wire: responses.RequestsMock, settings: Settings) -> Callable[..., list[responses.BaseResponse]]:
    """What task-svc answers to being told, in this order."""
    url = f"{settings.TASK_SERVICE_URL}/internal/accounts/{ACCOUNT}"

    def answer(*outcomes: Any) -> list[responses.BaseResponse]:
        known = [{"body": outcome} if isinstance(outcome, Exception) else {"status": outcome} for outcome in outcomes]
        return [wire.delete(url, **arguments) for arguments in known]

    return answer
