"""`./manage_all.sh drill`: whether a backup can be restored, tried on a stack of its own that is deleted again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from local import vault
from local.archive import Archive
from local.arguments import Parser, path
from local.config import Config
from local.databases import databases
from local.errors import StackError, reason
from local.isolated import isolated
from local.restore import Tombstones, read_secrets, read_tombstones, refuse, restore
from local.services import SERVICES, find
from local.stack import Stack

NEWEST = {
    "task": "SELECT max(updated_at) FROM tasks_task",
    "user": "SELECT max(updated_at) FROM profiles_profile",
    "auth": "SELECT max(created_at) FROM accounts_user",
}
IN_AGREEMENT = ["auth-svc: deleted accounts that are back: 0"]
IN_AGREEMENT += [f"{service.name}: unknown accounts with rows: 0" for service in SERVICES if service.short != "auth"]
PASSWORD = "a password for the drill alone"  # noqa: S105  # Of a copy that is deleted.
# The newest session gets tokens as if it were live, and the newest account a password: in the drill's own database.
PROBE = f"""
import json
from datetime import timedelta
from accounts.models import Session, User
from accounts.tokens import token_pair
from django.utils import timezone

live, session = Session.objects.live().count(), Session.objects.order_by("-created_at").first()
if session:
    session.rotated_at, session.expires_at = timezone.now(), timezone.now() + timedelta(hours=1)
account = User.objects.filter(is_active=True).order_by("-created_at").first()
if account:
    account.change_password({PASSWORD!r})
email = account and account.email
print(json.dumps({{"live": live, "tokens": session and token_pair(session), "email": email}}))
"""


def run(stack: Stack, *arguments: str) -> None:
    """Restore a backup, prove it, print how long it took and how old its newest row is; --keep leaves the stack."""
    parser = Parser("drill")
    parser.add_argument("file", type=path, metavar="FILE")
    parser.add_argument("--secrets", action="store_true")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args(arguments)
    started = time.monotonic()
    with Archive.read(given.file) as archive:
        secrets = read_secrets(archive) if given.secrets else own_secrets(stack.config)
        tombstones = known_tombstones(stack)
        with a_stack_of_its_own(secrets, keep=given.keep) as drilled:
            drilled.up_database()
            refuse(drilled, archive)
            restore(drilled, archive, tombstones=tombstones)
            recovered = time.monotonic() - started
            print("Proving ...", flush=True)
            for proved in prove(drilled.config):
                print(f"  {proved}")
            report(drilled.config, archive, recovered)


def own_secrets(config: Config) -> dict[str, str] | None:
    """Return this installation's secrets, if they are here: without them no tombstone and no token means anything."""
    try:
        return vault.read_secrets(config)
    except StackError as error:
        print(f"With fresh keys, so old tokens and deletions mean nothing here: {error.code}", file=sys.stderr)
        return None


def known_tombstones(stack: Stack) -> Tombstones | None:
    """Return the deletions that this installation's databases know of, as a restore here would find them."""
    if stack.config.embedded and not stack.postgres.cluster.exists():
        # A machine of its own, to which the backup was copied.
        return None
    try:
        return {each.service: read_tombstones(each) for each in databases(stack.config)}
    except StackError as error:
        print(f"Deletions since the backup are not known: {error.code}", file=sys.stderr)
        return None


@contextmanager
def a_stack_of_its_own(secrets: dict[str, str] | None, *, keep: bool) -> Iterator[Stack]:
    """Have a stack of its own, with none of the caller's settings, its databases above all."""
    data_dir = Path(tempfile.mkdtemp(prefix="task-manager-drill-"))
    stack = isolated(data_dir)
    stack.config.make_directories()
    if secrets is not None:
        vault.stage_secrets(stack.config, secrets)
        vault.use_staged_secrets(stack.config)
    try:
        yield stack
    except BaseException:
        keep = False
        raise
    finally:
        if keep:
            print(f"It runs on at {stack.config.base_url}; DATA_DIR={data_dir} ./manage_all.sh down ends it.")
        else:
            stack.stop()
            shutil.rmtree(data_dir, ignore_errors=True)


def prove(config: Config) -> Iterator[str]:
    """Yield what has been proved of a restored system; raise StackError at what does not hold."""
    yield "Every table has as many rows as when it was backed up."
    found = manage(config, "reconcile").splitlines()
    require(found == IN_AGREEMENT, f"the services do not agree: {found}")
    yield "No row without an account, and no deleted account that is back."
    probe = json.loads(manage(config, "shell", "--no-imports", "-c", PROBE))
    require(probe["live"] == 0, f"{probe['live']} sessions are live")
    if probe["tokens"]:
        refused = post(config, "/auth/validate-token", token=probe["tokens"]["access_token"])
        require(refused.status_code == 401, f"an old access token is a {refused.status_code}")
        refused = post(config, "/auth/refresh", refresh_token=probe["tokens"]["refresh_token"])
        require(refused.status_code == 401, f"an old refresh token is a {refused.status_code}")
    yield "No session lives, and old tokens are refused."
    if probe["email"]:
        login = post(config, "/auth/login", email=probe["email"], password=PASSWORD)
        require(login.status_code == 200, f"a login is a {login.status_code}")
        headers = {"Authorization": f"Bearer {login.json()['data']['access_token']}"}
        tasks = ask(config, "GET", "/tasks", headers=headers)
        require(tasks.status_code == 200, f"a list of tasks is a {tasks.status_code}")
    yield "An account of the backup signs in and reads its tasks."


def report(config: Config, archive: Archive, recovered: float) -> None:
    """Print the time and the loss of a recovery."""
    newest = []
    for database in databases(config):
        with database.connect() as connection:
            newest += [row[0] for row in connection.execute(NEWEST[database.service.short]).fetchall() if row[0]]
    taken_at = min(datetime.fromisoformat(each["taken_at"]) for each in archive.manifest["databases"].values())
    now = datetime.now(UTC)
    print(f"RTO: {recovered:.1f} s, until all answered on the restored databases.")
    row = f"; its newest row is {now - max(newest)} old" if newest else ", and empty"
    print(f"RPO: the backup is {now - taken_at} old{row}.")


def require(condition: bool, otherwise: str) -> None:
    if not condition:
        raise StackError(f"the drill failed: {otherwise}.")


def post(config: Config, path: str, **body: Any) -> requests.Response:
    return ask(config, "POST", path, json=body)


def ask(config: Config, method: str, path: str, **options: Any) -> requests.Response:
    """Send a request to the drilled system, through no proxy that the environment may name."""
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, f"{config.base_url}{path}", timeout=20, **options)


def manage(config: Config, *arguments: str) -> str:
    """Return the output of a command of auth_svc's manage.py."""
    service = find("auth-svc")
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=service.directory,
        env=config.service_environment(service, direct=True),
        capture_output=True,
        text=True,
    )
    require(done.returncode == 0, f"{arguments[0]}: {reason(done.stderr)}")
    return done.stdout
