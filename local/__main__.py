"""The commands behind ./manage_all.sh."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from functools import partial

from local import mails
from local.config import Config
from local.stack import Stack


def main(command: str, *arguments: str) -> None:
    """Run one command."""
    if command == "env":
        print_env()
        return
    config = Config()
    stack = Stack(config)
    commands: dict[str, Callable[..., None]] = {
        "up": stack.up,
        "down": stack.down,
        "status": stack.status,
        "logs": stack.logs,
        "mails": partial(mails.show, config),
        "restart": stack.restart,
        "migrate": stack.migrate,
        "manage": stack.manage,
        "createsuperuser": stack.createsuperuser,
        "exec": stack.execute,
    }
    commands[command](*arguments)


def print_env() -> None:
    """Print a .env for a deployment: fresh secrets, strict passwords."""
    print("# Settings of a deployment. Keep this file private; .env.example explains every name.")
    print("#SITE_ADDRESS=tasks.example.com")
    print("#COMPOSE_FILE=compose.yaml:compose.https.yaml")
    print("#EMAIL_URL=smtp+tls://user:password@mail.example.com:587")
    print("PASSWORD_REJECT_COMMON=true")
    # The databases' passwords stay out: an existing database keeps the one that it was made with.
    for name in ("SERVICE_KEY", "JWT_SIGNING_KEY", "AUTH_SECRET_KEY", "TASK_SECRET_KEY", "USER_SECRET_KEY"):
        print(f"{name}={secrets.token_urlsafe(64)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
