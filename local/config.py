"""Where the local stack keeps things, and the environment that each of its processes gets."""

from __future__ import annotations

import hashlib
import os
import secrets
import sys
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import environ

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

# A socket's path ends at 107 bytes; PostgreSQL appends the longest name.
MAX_SOCKET_PATH = 107 - len("/.s.PGSQL.5432.lock")


# The settings that say how many threads a service has, and their defaults in chassis/gunicorn.py.
WIDTH = {"WEB_CONCURRENCY": "2", "WEB_THREADS": "4"}


@dataclass(frozen=True)
class Service:
    """One Django project of the repository and its place in the naming ladder."""

    name: str
    port_setting: str
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
    def url_setting(self) -> str:
        return f"{self.short.upper()}_DATABASE_URL"

    @property
    def key_setting(self) -> str:
        return f"{self.short.upper()}_SECRET_KEY"


SERVICES = (
    Service("auth-svc", "AUTH_PORT", 8001),
    Service("task-svc", "TASK_PORT", 8002),
    Service("user-svc", "USER_PORT", 8003),
)


def is_secret(name: str) -> bool:
    """Tell whether a variable of the environment is, or points to, what only some processes may know."""
    return name.removesuffix("_FILE").endswith(("_KEY", "DATABASE_URL", "DB_PASSWORD", "EMAIL_URL"))


class StackError(SystemExit):
    """Something the user can mend, in one line."""

    def __init__(self, message: str) -> None:
        super().__init__(f"manage_all.sh: {message}")


class Config:
    """The settings of one stack, from the environment and .env."""

    def __init__(self) -> None:
        # The supervisor gets this, and its children read the file anew: `restart` takes up what has changed there.
        self.given = dict(os.environ)
        environ.Env.read_env(os.environ.get("ENV_FILE") or str(ROOT / ".env"), overwrite=False)
        self.environment = dict(os.environ)
        self.data_dir = Path(self.environment.get("DATA_DIR") or ".data")
        if not self.data_dir.is_absolute():
            self.data_dir = ROOT / self.data_dir

    @property
    def gateway_port(self) -> int:
        return self._port("GATEWAY_PORT", 8000)

    def port(self, service: Service) -> int:
        return self._port(service.port_setting, service.default_port)

    def socket(self, service: Service) -> Path:
        """Return where the gateway reaches a service; clients and other services use its port."""
        return self.run_dir / f"{service.short}.sock"

    @property
    def gateway_files(self) -> int:
        """How many files, connections among them, the gateway may have open."""
        value = self.environment.get("GATEWAY_FILES") or "1024"
        if not value.isdecimal() or int(value) < 64:
            raise StackError(f"GATEWAY_FILES={value} is not a number from 64.")
        return int(value)

    def _port(self, name: str, default: int) -> int:
        value = self.environment.get(name) or str(default)
        if not value.isdecimal() or not 0 < int(value) < 65536:
            raise StackError(f"{name}={value} is not a port.")
        return int(value)

    def ports(self) -> dict[str, int]:
        """Return every port that the stack listens on, by its setting."""
        return {"GATEWAY_PORT": self.gateway_port} | {each.port_setting: self.port(each) for each in SERVICES}

    @property
    def site(self) -> str:
        """The address, as Caddy reads it, that the gateway has instead of GATEWAY_PORT; mostly there is none."""
        return self.environment.get("SITE_ADDRESS", "")

    @property
    def base_url(self) -> str:
        """Where browsers and clients find the gateway."""
        match self.site:
            case "":
                return f"http://localhost:{self.gateway_port}"
            case site if site.startswith(":"):
                return f"http://localhost{site}"
            case site if "://" in site:
                return site
            case domain:
                return f"https://{domain}"

    @property
    def connections_of_a_service(self) -> int:
        """How many connections one service may have: twice one for each thread, and some for worker and migrations.

        Twice, because a killed process's sessions may outlast it by a statement's time.
        """
        workers, threads = (self.environment.get(name) or default for name, default in WIDTH.items())
        if not (workers.isdecimal() and threads.isdecimal()):
            # The services say what is wrong with it.
            return 32
        return 2 * int(workers) * 2 * int(threads) + 16

    @property
    def database_connections(self) -> int:
        """How many connections the embedded PostgreSQL allows: those of all services, and some for the operator."""
        return len(SERVICES) * self.connections_of_a_service + 10

    @cached_property
    def embedded(self) -> list[Service]:
        """The services whose database is the embedded PostgreSQL's."""
        return [service for service in SERVICES if not self.environment.get(service.url_setting)]

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def mails(self) -> Path:
        """Where mails are files, unless EMAIL_URL names a mail server."""
        return self.data_dir / "mails"

    @property
    def static(self) -> Path:
        """Where the gateway finds the static files of every service."""
        return self.data_dir / "static"

    @cached_property
    def run_dir(self) -> Path:
        """Where the sockets are: in DATA_DIR, or in a short private folder if its path is too long for a socket."""
        inside = self.data_dir / "run"
        if len(os.fsencode(inside)) <= MAX_SOCKET_PATH:
            return inside
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"task-manager-{os.getuid()}-{digest}"

    def make_directories(self) -> None:
        for directory in (self.data_dir, self.data_dir / "secrets", self.logs, self.mails, self.run_dir):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if directory.stat().st_uid != os.getuid():
                raise StackError(f"{directory} belongs to somebody else.")

    def secret(self, name: str) -> Path:
        """Return the file of a secret, made on first use."""
        path = self.data_dir / "secrets" / name
        if not path.exists():
            self.write_secret(path, secrets.token_urlsafe(64))
        return path

    @staticmethod
    def write_secret(path: Path, value: str) -> None:
        """Write a file that only its owner reads, complete or not at all."""
        temporary = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(value)
        temporary.replace(path)

    def database_url(self, service: Service) -> str:
        """Return a service's database: the one it was given, or its own in the embedded PostgreSQL."""
        given = self.environment.get(service.url_setting)
        if given:
            return given
        password = self.secret(f"{service.role}_password").read_text()
        return f"postgres://{service.role}:{quote(password)}@/{service.database}?host={quote(str(self.run_dir))}"

    def base_environment(self) -> dict[str, str]:
        """Return what every process of the stack has; the marker tells its processes from everybody else's."""
        known = {name: value for name, value in self.environment.items() if not is_secret(name)}
        return {**known, "STACK_DATA_DIR": str(self.data_dir), "PYTHONUNBUFFERED": "1"}

    def service_environment(self, service: Service) -> dict[str, str]:
        """Return a service's whole environment, with its own secrets and nobody else's."""
        environment = self.base_environment() | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "BIND": f"unix:{self.socket(service)}",
            "SERVICES_BIND": f"127.0.0.1:{self.port(service)}",
            "DATABASE_URL_FILE": str(self._database_url_file(service)),
            # As in the address, so that the gateway finds a file by its path.
            "STATIC_ROOT": str(self.static / service.prefix / "static"),
        }
        for other in SERVICES:
            if other != service:
                setting = f"{other.short.upper()}_SERVICE_URL"
                environment.setdefault(setting, f"http://127.0.0.1:{self.port(other)}")
        environment |= self._secret("SECRET_KEY", f"{service.short}_secret_key", given=service.key_setting)
        environment |= self._secret("SERVICE_KEY", "service_key")
        if service.short == "auth":
            environment |= self._secret("JWT_SIGNING_KEY", "jwt_signing_key")
            environment |= self._secret("JWT_PREVIOUS_KEY")
            environment |= self._secret("EMAIL_URL") or {"EMAIL_URL": f"filemail://{quote(str(self.mails))}"}
        return environment

    def _secret(self, name: str, file: str | None = None, *, given: str | None = None) -> dict[str, str]:
        """Return a secret as it was given, by value or by file, or else the file of the one made here."""
        for suffix in ("", "_FILE"):
            value = self.environment.get(f"{given or name}{suffix}")
            if value:
                return {f"{name}{suffix}": value}
        return {f"{name}_FILE": str(self.secret(file))} if file else {}

    def _database_url_file(self, service: Service) -> Path:
        path = self.data_dir / "secrets" / f"{service.short}_database_url"
        url = self.database_url(service)
        if not path.exists() or path.read_text() != url:
            self.write_secret(path, url)
        return path

    def gateway_environment(self) -> dict[str, str]:
        environment = self.base_environment()
        environment |= {f"{each.short.upper()}_UPSTREAM": f"unix/{self.socket(each)}" for each in SERVICES}
        environment["SITE_ADDRESS"] = self.site or f":{self.gateway_port}"
        # Collect garbage less often: the gateway makes much and keeps little. Beyond the limit, collect it at once.
        environment.setdefault("GOGC", "400")
        environment.setdefault("GOMEMLIMIT", "512MiB")
        environment["STATIC"] = str(self.static)
        environment["PAGES"] = str(ROOT / "gateway" / "pages")
        environment["XDG_DATA_HOME"] = str(self.data_dir / "caddy")
        environment["XDG_CONFIG_HOME"] = str(self.data_dir / "caddy")
        return environment
