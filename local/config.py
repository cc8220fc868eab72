"""Where the local stack keeps things, and the environment that each of its processes gets."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import secrets
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from local import settings
from local.errors import StackError
from local.services import ROOT, SERVICES, Service

BIN = Path(sys.executable).parent

# A socket's path ends at 107 bytes; PostgreSQL appends the longest name.
MAX_SOCKET_PATH = 107 - len("/.s.PGSQL.5432.lock")


class Config:
    """The settings of one stack, from the environment and .env."""

    def __init__(self, *, strict: bool = True) -> None:
        """Read the settings; a line of .env that cannot be one is an error if strict, else printed."""
        self.given = dict(os.environ)
        self.file = settings.read_file(Path(os.environ.get("ENV_FILE") or ROOT / ".env"), strict=strict)
        self.environment = self.file | self.given
        self.data_dir = ROOT / (self.environment.get("DATA_DIR") or ".data")

    @property
    def gateway_port(self) -> int:
        return settings.port(self.environment, "GATEWAY_PORT")

    def port(self, service: Service) -> int:
        return settings.port(self.environment, service.port_setting)

    def ports(self) -> dict[str, int]:
        """Return every port that the stack listens on, by its setting."""
        return {name: settings.port(self.environment, name) for name in settings.PORTS}

    def metrics_addresses(self) -> dict[str, str]:
        """Return where Prometheus finds the metrics of the gateway and of each service."""
        setting_of = {"gateway": "GATEWAY_METRICS_PORT"}
        setting_of |= {service.name: service.metrics_port_setting for service in SERVICES}
        return {name: f"127.0.0.1:{settings.port(self.environment, each)}" for name, each in setting_of.items()}

    @property
    def metrics_dir(self) -> Path:
        """Where workers count, in files in memory where that can be."""
        memory = Path("/dev/shm")  # noqa: S108  # The folder in it is this user's alone.
        return memory / self._short_name if os.access(memory, os.W_OK) else self.run_dir / "metrics"

    @property
    def backup_stamp(self) -> Path:
        """The file that each successful backup touches."""
        return self.data_dir / "last-backup"

    @property
    def unreconciled(self) -> Path:
        """The file that is there while restored databases wait to be reconciled: accounts deleted since may be back."""
        return self.data_dir / "unreconciled"

    def socket(self, service: Service, *, stand_in: bool = False) -> Path:
        """Return where the gateway reaches a service, or what stands in for it; other services use its port."""
        return self.run_dir / f"{service.short}{'-stand-in' if stand_in else ''}.sock"

    def upstreams(self, service: Service) -> str:
        """Return both, as the Caddyfile writes them."""
        return " ".join(f'"unix/{self.socket(service, stand_in=each)}"' for each in (False, True))

    @property
    def gateway_files(self) -> int:
        """How many files, connections among them, the gateway may have open."""
        return int(self.environment.get("GATEWAY_FILES") or "1024")

    @property
    def gateway_admin(self) -> str:
        """Where `caddy reload` reaches the gateway: a socket of this user's."""
        return f"unix/{self.run_dir / 'gateway-admin.sock'}"

    @property
    def bind_address(self) -> str:
        """Where the gateway listens: on loopback, or, if it has a site for others to reach, on all interfaces."""
        return self.environment.get("BIND_ADDRESS") or ("" if self.site else "127.0.0.1")

    @property
    def gateway_host(self) -> str:
        """The gateway's address as this machine reaches it."""
        address = ipaddress.ip_address(self.bind_address or "127.0.0.1")
        if address.is_unspecified:
            return "127.0.0.1" if address.version == 4 else "[::1]"
        return str(address) if address.version == 4 else f"[{address}]"

    @property
    def site(self) -> str:
        """The address, as Caddy reads it, that the gateway has instead of GATEWAY_PORT; mostly there is none."""
        return self.environment.get("SITE_ADDRESS", "")

    @property
    def base_url(self) -> str:
        """Where browsers and clients find the gateway."""
        match self.site:
            case "":
                host = "localhost" if self.gateway_host == "127.0.0.1" else self.gateway_host
                return f"http://{host}:{self.gateway_port}"
            case site if site.startswith(":"):
                return f"http://localhost{site}"
            case site if "://" in site:
                return site
            case domain:
                return f"https://{domain}"

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
        return Path(tempfile.gettempdir()) / self._short_name

    @property
    def _short_name(self) -> str:
        """A name for this DATA_DIR in a folder that others use, too."""
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]
        return f"task-manager-{os.getuid()}-{digest}"

    def make_directories(self) -> None:
        for directory in (self.data_dir, self.data_dir / "secrets", self.logs, self.mails, self.run_dir):
            self.make_private(directory)

    @staticmethod
    def make_private(directory: Path) -> None:
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

    def database_url(self, service: Service, *, direct: bool = False) -> str:
        """Return a service's database: one that was given, past its pooler if direct, or the embedded PostgreSQL's."""
        given = self.environment.get(service.url_setting)
        if direct:
            given = self.environment.get(service.direct_url_setting) or given
        if given:
            return given
        password = self.secret(f"{service.role}_password").read_text()
        return f"postgres://{service.role}:{quote(password)}@/{service.database}?host={quote(str(self.run_dir))}"

    def base_environment(self) -> dict[str, str]:
        """Return what every process of the stack has; the marker tells its processes from everybody else's."""
        known = {name: value for name, value in self.environment.items() if not settings.is_secret(name)}
        return {**known, "STACK_DATA_DIR": str(self.data_dir), "PYTHONUNBUFFERED": "1"}

    def service_environment(self, service: Service, *, direct: bool = False) -> dict[str, str]:
        """Return a service's whole environment, with its own secrets and nobody else's.

        Direct is for what needs a session of PostgreSQL's: migrations and other commands, and the worker.
        """
        environment = self.base_environment() | {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "BIND": f"unix:{self.socket(service)}",
            "SERVICES_BIND": f"127.0.0.1:{self.port(service)}",
            "METRICS_BIND": self.metrics_addresses()[service.name],
            "METRICS_DIR": str(self.metrics_dir / service.short),
            "BACKUP_STAMP": str(self.backup_stamp),
            "DATABASE_URL_FILE": str(self._database_url_file(service, direct=direct)),
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

    def _database_url_file(self, service: Service, *, direct: bool) -> Path:
        path = self.data_dir / "secrets" / f"{service.short}_{'direct_' if direct else ''}database_url"
        url = self.database_url(service, direct=direct)
        if not path.exists() or path.read_text() != url:
            self.write_secret(path, url)
        return path

    def gateway_environment(self) -> dict[str, str]:
        environment = self.base_environment()
        environment |= {f"{each.short.upper()}_UPSTREAM": self.upstreams(each) for each in SERVICES}
        environment["GATEWAY_UPSTREAMS"] = "fixed"
        environment["GATEWAY_ADMIN"] = self.gateway_admin
        environment["GATEWAY_METRICS_PORT"] = str(settings.port(self.environment, "GATEWAY_METRICS_PORT"))
        environment["BIND_ADDRESS"] = self.bind_address
        environment["SITE_ADDRESS"] = self.site or f":{self.gateway_port}"
        # As the services send them; Caddy's default is gRPC.
        environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf"
        environment["OTEL_SERVICE_NAME"] = "gateway"
        # Collect garbage less often: the gateway makes much and keeps little. Beyond the limit, collect it at once.
        environment.setdefault("GOGC", "400")
        environment.setdefault("GOMEMLIMIT", "512MiB")
        environment["STATIC"] = str(self.static)
        environment["PAGES"] = str(ROOT / "gateway" / "pages")
        environment["XDG_DATA_HOME"] = str(self.data_dir / "caddy")
        environment["XDG_CONFIG_HOME"] = str(self.data_dir / "caddy")
        return environment
