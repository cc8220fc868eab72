"""The commands behind ./manage_all.sh."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from inspect import signature

from local import mails, started, status
from local.config import Config
from local.errors import StackError, explain
from local.programs import become
from local.services import SERVICES
from local.stack import Stack

# Commands that leave something half done, but nothing broken, when they are interrupted.
CHANGES = ("up", "down", "restart", "migrate", "restore")
# Commands that only look or stop: they work whatever the settings say by now.
LENIENT = ("down", "status", "logs", "mails", "exec")
INTERRUPTED = 130  # As shells say it: 128 and the signal.


def main(command: str, *arguments: str) -> None:
    """Run one command; what its user can mend is one line."""
    if command == "env":
        print_env()
        return
    config = Config(strict=command not in LENIENT)
    try:
        run(config, command, *arguments)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise explain(error, config.data_dir) from error
    except KeyboardInterrupt:
        if command in CHANGES:
            print("\nInterrupted; `up` continues, `down` stops.", file=sys.stderr)
        sys.exit(INTERRUPTED)


def run(config: Config, command: str, *arguments: str) -> None:
    stack = Stack(config)
    if command == "exec":
        name, *own = arguments
        started.use(config)
        config.environment |= dict(each.split("=", 1) for each in own)
        become(config, stack.postgres, name)
    if stack.supervisor.runs():
        if command in LENIENT:
            started.use(config)
        else:
            started.adopt(config)
    commands: dict[str, Callable[..., None]] = {
        "up": partial(up, stack),
        "down": stack.down,
        "status": partial(status.show, stack),
        "logs": partial(status.follow_logs, stack),
        "mails": partial(mails.show, config),
        "restart": stack.restart,
        "migrate": stack.migrate,
        "manage": stack.manage,
        "createsuperuser": stack.createsuperuser,
        "reconcile": partial(stack.manage, "auth-svc", "reconcile"),
    }
    if command in ("dev", "demo", "backup", "restore", "drill"):
        # Only `dev` needs what requirements-dev.txt installs.
        commands[command] = partial(import_module(f"local.{command}").run, stack)
    try:
        signature(commands[command]).bind(*arguments)
    except TypeError as error:
        raise StackError(f"{command}: {error}; see `./manage_all.sh help`.") from None
    commands[command](*arguments)


def up(stack: Stack) -> None:
    stack.up()
    print(f"\n{status.addresses(stack.config)}\n")
    print("Make a staff account with ./manage_all.sh createsuperuser; stop with ./manage_all.sh down.")


def print_env() -> None:
    """Print a .env for a deployment: fresh secrets, strict passwords."""
    print("# Settings of a deployment. Keep this file private; .env.example explains every name.")
    print("#SITE_ADDRESS=tasks.example.com")
    print("#COMPOSE_FILE=compose.yaml:compose.https.yaml")
    print("#EMAIL_URL=smtp+tls://user:password@mail.example.com:587")
    print("PASSWORD_REJECT_COMMON=true")
    # The databases' passwords stay out: an existing database keeps the one that it was made with.
    for name in ("SERVICE_KEY", "JWT_SIGNING_KEY", *(service.key_setting for service in SERVICES)):
        print(f"{name}={secrets.token_urlsafe(64)}")


def leave_pipe() -> None:
    """End without a word after the reader of our output has, as in `env | head -1`."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(141)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        leave_pipe()
