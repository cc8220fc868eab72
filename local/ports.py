"""The ports of the local stack."""

from __future__ import annotations

import json
import socket

from local.config import Config, StackError


def claim(config: Config, *, running: bool) -> None:
    """Refuse ports that somebody else listens on, or that differ from those this stack runs on."""
    wanted = config.ports()
    file = config.run_dir / "ports.json"
    if running and file.exists():
        if json.loads(file.read_text()) != wanted:
            raise StackError("this stack runs on other ports; stop it with `down` first.")
        return
    for setting, port in wanted.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                hint = f"set {setting} to another one, in the environment or in .env"
                raise StackError(f"port {port} is in use; {hint}.") from error
    file.write_text(json.dumps(wanted))


def free(count: int) -> list[str]:
    """Return ports that nothing listens on at the moment."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [str(each.getsockname()[1]) for each in sockets]
    finally:
        for each in sockets:
            each.close()
