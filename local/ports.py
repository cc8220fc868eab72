"""The ports of the local stack."""

from __future__ import annotations

import errno
import random
import socket
from urllib.parse import urlsplit

from local.config import Config
from local.errors import StackError
from local.services import SERVICES


def refuse_taken(config: Config) -> None:
    """Refuse an address that another program listens on, or that this machine does not have."""
    refuse(*gateway(config))
    for service in SERVICES:
        refuse(service.port_setting, "127.0.0.1", config.port(service))
    for name in config.ports():
        if name.endswith("_METRICS_PORT"):
            refuse(name, "127.0.0.1", config.ports()[name])


def gateway(config: Config) -> tuple[str, str, int]:
    """Return where the gateway will listen: the setting that says so, the address, and the port."""
    if not config.site:
        return "GATEWAY_PORT", config.bind_address, config.gateway_port
    site = urlsplit(config.site if "://" in config.site else f"https://{config.site}")
    return "SITE_ADDRESS", config.bind_address, site.port or (80 if site.scheme == "http" else 443)


def refuse(setting: str, address: str, port: int) -> None:
    """Raise StackError if the address and port cannot be listened on."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise StackError(f"BIND_ADDRESS={address} is not an address of this machine.") from error
            if error.errno == errno.EACCES:
                raise StackError(f"{setting} needs port {port}, which only root may listen on.") from error
            hint = f"set {setting} to another one, in the environment or in .env"
            raise StackError(f"port {port} is in use; {hint}.") from error


def free(count: int) -> list[str]:
    """Return ports that nothing listens on, and that no system gives to connections of its own.

    A port above 32,767, which Linux itself would choose, can be gone to somebody's connection before a process listens
    on it, or while that process restarts.
    """
    found: list[socket.socket] = []
    try:
        while len(found) < count:
            candidate = socket.socket()
            try:
                candidate.bind(("127.0.0.1", random.randrange(20_000, 32_000)))  # noqa: S311 - no secret.
            except OSError:
                candidate.close()
            else:
                found.append(candidate)
        return [str(each.getsockname()[1]) for each in found]
    finally:
        for each in found:
            each.close()
