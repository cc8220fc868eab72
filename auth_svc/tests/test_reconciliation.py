"""Whether the services agree on which accounts there are, as after a restore they may not."""

from __future__ import annotations

import json
import logging
from io import StringIO
from uuid import UUID, uuid4

import pytest
import requests
import responses
from accounts import jobs, reconciliation
from accounts.models import Tombstone, User
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.conftest import PASSWORD, Persona, deferred, execute
from tests.worker import the_job, work

pytestmark = pytest.mark.usefixtures("jobs_of_this_test_alone")
PAGE = 2
NOTHING = """auth-svc: deleted accounts that are back: 0
task-svc: unknown accounts with rows: 0
user-svc: unknown accounts with rows: 0
"""


class ServiceStub:
    """A service as the wire shows it: whose rows it has, and whose it has erased."""

    def __init__(self, mock: responses.RequestsMock, url: str) -> None:
        self.owners: set[UUID] = set()
        self.tombstones: set[UUID] = set()
        mock.add_callback(responses.GET, f"{url}/internal/accounts", callback=self._page)
        mock.add_callback(responses.POST, f"{url}/internal/accounts/deleted", callback=self._deleted)
        for deletion in (f"{url}/internal/accounts/{account}" for account in ACCOUNTS):
            mock.add_callback(responses.DELETE, deletion, callback=self._erase)

    def _page(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        after = UUID(request.params["after"])  # type: ignore[attr-defined]  # `responses` adds it.
        return 200, {}, json.dumps({"ids": [str(each) for each in sorted(self.owners) if each > after][:PAGE]})

    def _deleted(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        ids = [UUID(each) for each in json.loads(request.body or "")["ids"]]
        return 200, {}, json.dumps({"ids": [str(each) for each in ids if each in self.tombstones]})

    def _erase(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        account = UUID((request.url or "").partition("?")[0].rpartition("/")[2])
        self.owners.discard(account)
        if request.params.get("deleted") != "false":  # type: ignore[attr-defined]  # `responses` adds it.
            self.tombstones.add(account)
        return 204, {}, ""


ACCOUNTS = sorted(uuid4() for _ in range(6))


@pytest.fixture(autouse=True)
def _small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "PAGE", PAGE)


@pytest.fixture
def tasks(wire: responses.RequestsMock, settings: Settings) -> ServiceStub:
    return ServiceStub(wire, settings.TASK_SERVICE_URL)


@pytest.fixture
def users(wire: responses.RequestsMock, settings: Settings) -> ServiceStub:
    return ServiceStub(wire, settings.USER_SERVICE_URL)


@pytest.fixture
def accounts(db: None) -> list[UUID]:
    """The first three accounts, which exist."""
    for number, account in enumerate(ACCOUNTS[:3]):
        User.objects.create_user(f"{number}@example.com", PASSWORD, id=account)
    return ACCOUNTS[:3]


def reconcile(*options: str) -> str:
    output = StringIO()
    call_command("reconcile", *options, stdout=output)
    return output.getvalue()


def check_all_pages() -> None:
    """Do what the worker does for one check, and leave other jobs to it."""
    jobs.check_accounts(timestamp=0)
    while pages := deferred("check_page"):
        execute("DELETE FROM procrastinate_jobs WHERE task_name = 'accounts.jobs.check_page'")
        for page in pages:
            jobs.check_page(**page)


@pytest.mark.django_db(transaction=True)
def test_the_daily_check_is_repeated_after_an_outage(wire: responses.RequestsMock, settings: Settings) -> None:
    url = f"{settings.TASK_SERVICE_URL}/internal/accounts"
    jobs.check_page.defer(service="task-svc", after=str(reconciliation.FIRST))

    wire.get(url, status=503)
    work()
    assert the_job("check_page").status == "todo"

    wire.get(url, json={"ids": []})
    work()
    assert the_job("check_page").status == "succeeded"


def test_services_that_agree_are_left_alone(accounts: list[UUID], tasks: ServiceStub, users: ServiceStub) -> None:
    tasks.owners = users.owners = set(accounts)

    assert reconcile("--apply") == NOTHING
    assert User.objects.count() == len(accounts)


def test_accounts_without_rows_are_left_alone(accounts: list[UUID], tasks: ServiceStub, users: ServiceStub) -> None:
    users.owners = {accounts[0]}

    assert reconcile("--apply") == NOTHING
    assert User.objects.count() == len(accounts)


def test_rows_without_an_account_are_counted_and_erased_only_on_demand(
    accounts: list[UUID], tasks: ServiceStub, users: ServiceStub
) -> None:
    tasks.owners, users.owners = set(ACCOUNTS), {ACCOUNTS[0], ACCOUNTS[5]}

    assert "task-svc: unknown accounts with rows: 3\n" in reconcile()
    assert tasks.owners == set(ACCOUNTS)

    assert "task-svc: unknown accounts with rows: 3, erased\n" in reconcile("--apply")
    assert (tasks.owners, users.owners) == (set(accounts), {ACCOUNTS[0]})
    assert reconcile() == NOTHING


def test_an_unknown_account_is_not_taken_for_a_deleted_one_since_another_backup_may_have_it(
    accounts: list[UUID], tasks: ServiceStub, users: ServiceStub
) -> None:
    tasks.owners = {ACCOUNTS[4], ACCOUNTS[5]}
    Tombstone.objects.bury(ACCOUNTS[5])

    reconcile("--apply")

    assert tasks.tombstones == {ACCOUNTS[5]}


@pytest.mark.parametrize("witness", ["auth-svc", "task-svc", "user-svc"])
def test_an_account_that_any_service_remembers_as_deleted_is_deleted_again(
    accounts: list[UUID], tasks: ServiceStub, users: ServiceStub, witness: str
) -> None:
    tasks.owners = users.owners = set(accounts)
    if witness == "auth-svc":
        Tombstone.objects.bury(accounts[2])
    else:
        {"task-svc": tasks, "user-svc": users}[witness].tombstones.add(accounts[2])

    assert "auth-svc: deleted accounts that are back: 1\n" in reconcile()
    assert User.objects.count() == 3

    reconcile("--apply")
    assert set(User.objects.values_list("pk", flat=True)) == set(accounts[:2]) == tasks.owners == users.owners
    assert Tombstone.objects.buried(ACCOUNTS) == {accounts[2]}


def test_an_account_that_its_owner_deletes_meanwhile_stops_nothing(
    accounts: list[UUID], tasks: ServiceStub, users: ServiceStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    Tombstone.objects.bury(accounts[0])

    def find_late(after: UUID) -> tuple[set[UUID], UUID | None]:
        User.objects.filter(pk=accounts[0]).delete()
        return {accounts[0]}, None

    monkeypatch.setattr(reconciliation, "find_revived", find_late)

    assert "auth-svc: deleted accounts that are back: 1, erased\n" in reconcile("--apply")


@pytest.mark.parametrize("answer", [{"status": 503}, {"json": {}}, {"json": {"ids": ["x"]}}, {"json": []}], ids=str)
def test_an_outage_ends_the_command_in_one_line(
    alice: Persona, wire: responses.RequestsMock, settings: Settings, answer: dict[str, object]
) -> None:
    for service in (settings.TASK_SERVICE_URL, settings.USER_SERVICE_URL):
        wire.post(f"{service}/internal/accounts/deleted", **answer)  # type: ignore[arg-type]  # Of a table.

    with pytest.raises(CommandError, match=r"-svc .* try again shortly\. Nothing else was changed\."):
        reconcile("--apply")
    assert User.objects.count() == 1


def test_the_worker_reports_what_no_job_erases_and_changes_nothing(
    accounts: list[UUID], tasks: ServiceStub, users: ServiceStub, caplog: pytest.LogCaptureFixture
) -> None:
    tasks.owners, users.tombstones = set(ACCOUNTS), {accounts[0]}
    jobs.erase_account.configure(schedule_in={"hours": 1}).defer(service="task-svc", account_id=str(ACCOUNTS[3]))

    with caplog.at_level(logging.ERROR, "accounts.jobs"):
        check_all_pages()

    messages = [record.getMessage() for record in caplog.records if record.name == "accounts.jobs"]
    assert sorted(messages) == [
        "deleted accounts that are back: 1; `reconcile` erases them",
        "unknown accounts with rows in task-svc: 2; `reconcile` erases them",
    ]
    assert tasks.owners == set(ACCOUNTS)
    assert User.objects.count() == 3
