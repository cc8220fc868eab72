"""The settings that a user gives, in the environment or in .env, and whether they can be."""

from __future__ import annotations

import difflib
import io
import ipaddress
import re
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from environ import Env

from local.errors import StackError
from local.services import ROOT, SERVICES

EXAMPLE = ROOT / ".env.example"
# docker compose reads .env too, and has settings of its own.
OF_COMPOSE = ("COMPOSE_", "DOCKER_")
ASSIGNMENT = re.compile(r"(?:export )?(\w+)=")
COUNTS = {"WEB_CONCURRENCY": 1, "WEB_THREADS": 1, "GATEWAY_FILES": 64}
# As browsers send it (RFC 6454, section 6.2): lower case, without a path.
ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:\d+)?")
COLLECTOR = re.compile(r"https?://[^\s/\"{}]+(/[^\s\"{}]*)?")
SAMPLERS = ("parentbased_always_on", "parentbased_traceidratio")
SHARE = re.compile(r"1(\.0*)?|0(\.\d*)?")
PORTS = {"GATEWAY_PORT": 8000} | {service.port_setting: service.default_port for service in SERVICES}
# As in compose.yaml.
PORTS |= {"GATEWAY_METRICS_PORT": 8200}
PORTS |= {service.metrics_port_setting: service.default_port + 200 for service in SERVICES}


def is_secret(name: str) -> bool:
    """Return whether a variable of the environment is, or points to, what only some processes may know."""
    return name.removesuffix("_FILE").endswith(("_KEY", "DATABASE_URL", "DB_PASSWORD", "EMAIL_URL", "PASSPHRASE"))


@cache
def names() -> frozenset[str]:
    """Return the name of every setting, those of secrets also as files."""
    known = set(re.findall(r"^#(\w+)=", EXAMPLE.read_text(), re.MULTILINE))
    return frozenset(known | {f"{name}_FILE" for name in known if is_secret(name)})


def read_file(path: Path, *, strict: bool = True) -> dict[str, str]:
    """Return the settings in a .env, which need not exist.

    What cannot be read, or is no setting, is a StackError; if not strict, it is printed and left out.
    """
    if not path.exists():
        return {}
    text = ""
    try:
        text = read_text(path)
        for number, line in enumerate(text.splitlines(), start=1):
            if line and not line.startswith("#"):
                check(line, f"{path.name}, line {number}")
    except StackError as error:
        if strict:
            raise
        print(error, file=sys.stderr)
    values: dict[str, str] = {}

    class Reader(Env):  # type: ignore[misc]  # django-environ, which knows the quotes and escapes, ships no types.
        ENVIRON = values

    Reader.read_env(io.StringIO(text))
    return values


def read_text(path: Path) -> str:
    """Return the lines of a file, without the space around them or the mark that some editors put before the first."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise StackError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    return "\n".join(line.strip() for line in text.splitlines())


def check(line: str, where: str) -> None:
    """Refuse a line that sets nothing, or that sets what is no setting."""
    match = ASSIGNMENT.match(line)
    if not match:
        raise StackError(f"{where}: write NAME=value, or # before a comment.")
    name = match[1]
    known = names()
    if name not in known and not name.startswith(OF_COMPOSE):
        similar = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {similar[0]}?" if similar else f"{EXAMPLE.name} lists all."
        raise StackError(f"{where}: there is no setting {name}; {hint}")


@cache
def defaults() -> dict[str, str]:
    """Return the default of every setting, or its example where there is none."""
    return dict(re.findall(r"^#(\w+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE))


def given(environment: Mapping[str, str]) -> dict[str, str]:
    """Return those variables that are settings."""
    return {name: value for name, value in environment.items() if name in names()}


def validate(environment: Mapping[str, str]) -> None:
    """Refuse what the local stack itself cannot use; the services check what is theirs."""
    for name, least in COUNTS.items():
        value = environment.get(name) or str(least)
        if not value.isdecimal() or not least <= int(value) <= 1_000_000:
            raise StackError(f"{name}={value} is not a number from {least} to 1000000.")
    for name in PORTS:
        port(environment, name)
    chosen: dict[int, str] = {}
    for name in PORTS:
        other = chosen.setdefault(port(environment, name), name)
        if other != name:
            raise StackError(f"{other} and {name} are both {port(environment, name)}; each needs a port of its own.")
    address = environment.get("BIND_ADDRESS") or "127.0.0.1"
    try:
        ipaddress.ip_address(address)
    except ValueError:
        raise StackError(f"BIND_ADDRESS={address} is not an IP address.") from None
    for service in SERVICES:
        if environment.get(service.direct_url_setting) and not environment.get(service.url_setting):
            raise StackError(f"{service.direct_url_setting} needs {service.url_setting}, the pooler's.")
    for network in environment.get("TRUSTED_PROXIES", "").split():
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError:
            raise StackError(
                f"TRUSTED_PROXIES: {network} is not an address, nor a network such as 10.0.0.0/8."
            ) from None
    collector = environment.get("OTEL_EXPORTER_OTLP_ENDPOINT") or "http://none"
    if not COLLECTOR.fullmatch(collector):
        raise StackError(f"OTEL_EXPORTER_OTLP_ENDPOINT={collector} is not an address such as http://localhost:4318.")
    sampler = environment.get("OTEL_TRACES_SAMPLER") or SAMPLERS[0]
    if sampler not in SAMPLERS:
        raise StackError(f"OTEL_TRACES_SAMPLER={sampler} is not one of {', '.join(SAMPLERS)}.")
    share = environment.get("OTEL_TRACES_SAMPLER_ARG") or "1"
    if not SHARE.fullmatch(share):
        raise StackError(f"OTEL_TRACES_SAMPLER_ARG={share} is not a share from 0.0 to 1.0.")
    garbage = environment.get("GOGC") or "off"
    if garbage != "off" and not garbage.isdecimal():
        raise StackError(f"GOGC={garbage} is not a percentage, such as 400, nor off.")
    origins = environment.get("CORS_ORIGINS") or "*"
    for origin in origins.split(",") if origins != "*" else ():
        if not ORIGIN.fullmatch(origin.strip()):
            raise StackError(f"CORS_ORIGINS: {origin} is not an origin, such as https://app.example.com.")


def port(environment: Mapping[str, str], name: str) -> int:
    """Return the port that a setting names."""
    value = environment.get(name) or str(PORTS[name])
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise StackError(f"{name}={value} is not a port.")
    return int(value)
