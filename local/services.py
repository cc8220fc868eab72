"""The three services, in one place: their names, ports, databases and settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from local.errors import StackError

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Service:
    """One Django project of the repository, and all that is named after it."""

    name: str
    app: str
    default_port: int

    @property
    def short(self) -> str:
        return self.name.removesuffix("-svc")

    @property
    def prefix(self) -> str:
        return self.short if self.short == "auth" else f"{self.short}s"

    @property
    def directory(self) -> Path:
        return ROOT / self.name.replace("-", "_")

    @property
    def database(self) -> str:
        return f"{self.short}_db"

    @property
    def role(self) -> str:
        return f"{self.short}_svc"

    @property
    def port_setting(self) -> str:
        return f"{self.short.upper()}_PORT"

    @property
    def metrics_port_setting(self) -> str:
        return f"{self.short.upper()}_METRICS_PORT"

    @property
    def url_setting(self) -> str:
        return f"{self.short.upper()}_DATABASE_URL"

    @property
    def direct_url_setting(self) -> str:
        return f"{self.short.upper()}_DIRECT_DATABASE_URL"

    @property
    def key_setting(self) -> str:
        return f"{self.short.upper()}_SECRET_KEY"


SERVICES = (
    Service("auth-svc", "accounts", 8001),
    Service("task-svc", "tasks", 8002),
    Service("user-svc", "profiles", 8003),
)


def find(name: str) -> Service:
    """Return a service by its name, also with an underscore, or raise StackError."""
    for service in SERVICES:
        if service.name == name.replace("_", "-"):
            return service
    raise StackError(f"there is no service '{name}'; there are {', '.join(service.name for service in SERVICES)}.")
