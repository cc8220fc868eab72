"""Reading settings from the environment, with one clear line for what is missing or wrong."""

from __future__ import annotations

import re
import warnings
from datetime import timedelta
from typing import Any, NamedTuple

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

# So that what a session keeps, such as its plans, does not grow forever.
CONNECTION_SECONDS = 3600
# As in the Host header, without a port; a dot before it allows what is below it.
_HOST = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-fA-F:.]+\]")
_BOOLEANS = (*environ.Env.BOOLEAN_TRUE_STRINGS, "false", "off", "n", "no", "0", "")
_PERIODS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


class Rate(NamedTuple):
    """At most `limit` in any `window`."""

    limit: int
    window: timedelta


class ValueOrFile(FileAwareMapping):  # type: ignore[misc]  # django-environ ships no types.
    """The environment: NAME unless it is empty, so that a given value overrides a generated NAME_FILE."""

    def __getitem__(self, key: str) -> str:
        # An editor, or `echo`, ends a file with a newline that belongs to no key.
        value: str = self.env.get(key) or super().__getitem__(key).strip()
        return value


class Env(environ.FileAwareEnv):  # type: ignore[misc]  # django-environ ships no types.
    """django-environ that reads NAME or NAME_FILE and ends the process with one line instead of a traceback."""

    ENVIRON = ValueOrFile()

    def get_value(self, var: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().get_value(var, *args, **kwargs)
        except ImproperlyConfigured:
            raise SystemExit(f"Setting {var} (or {var}_FILE) is missing from the environment.") from None
        except (ValueError, OSError) as error:
            raise SystemExit(f"Setting {var} is not valid: {error}") from None

    @classmethod
    def parse_value(cls, value: Any, cast: Any) -> Any:
        if cast is bool and str(value).lower() not in _BOOLEANS:
            raise ValueError("it is true or false.")
        return super().parse_value(value, cast)

    def key(self, var: str, *, min_bytes: int, default: Any = environ.Env.NOTSET) -> str:
        """Return a secret of at least `min_bytes` bytes, or the default."""
        value: str = self.str(var, default=default)
        if value != default and len(value.encode()) < min_bytes:
            raise SystemExit(f"Setting {var} is too weak: it needs at least {min_bytes} bytes.")
        return value

    def choice(self, var: str, choices: list[str], *, default: str) -> str:
        """Return one of a few words."""
        value: str = self.str(var, default=default)
        if value not in choices:
            raise SystemExit(f"Setting {var} is not valid: it is one of {', '.join(choices)}.")
        return value

    def count(self, var: str, *, default: int, least: int = 1) -> int:
        """Return a whole number from `least` to a million."""
        value: int = self.int(var, default=default)
        if not least <= value <= 1_000_000:
            raise SystemExit(f"Setting {var} is not valid: it is from {least} to 1000000.")
        return value

    def log_level(self) -> str:
        """Return LOG_LEVEL, one of the standard library's names."""
        return self.choice("LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], default="INFO")

    def log_format(self) -> str:
        """Return LOG_FORMAT: JSON for programs, text for readers."""
        return self.choice("LOG_FORMAT", ["json", "text"], default="json")

    def email(self, var: str, *, default: str) -> dict[str, Any]:
        """Return Django's settings for mail from a URL."""
        try:
            given: dict[str, Any] = self.email_url(var, default=default)
        except (ImproperlyConfigured, ValueError):
            # The reason may quote the password.
            raise SystemExit(f"Setting {var} is not valid: write it like smtp+tls://user:password@host:587.") from None
        # A path in a URL is absolute; django-environ reads it without its first slash.
        given["EMAIL_FILE_PATH"] = f"/{given['EMAIL_FILE_PATH']}"
        return given

    def rate(self, var: str, *, default: str) -> Rate:
        """Return a limit written as N/second, N/minute, N/hour or N/day."""
        number, _, period = self.str(var, default=default).partition("/")
        if not number.isdecimal() or int(number) < 1 or period not in _PERIODS:
            raise SystemExit(f"Setting {var} is not valid: write it like {default}.")
        return Rate(int(number), timedelta(seconds=_PERIODS[period]))

    def processes(self) -> int:
        """Return WEB_CONCURRENCY, the worker processes of a service."""
        return self.count("WEB_CONCURRENCY", default=2)

    def threads(self) -> int:
        """Return WEB_THREADS, the threads of a process for each address."""
        return self.count("WEB_THREADS", default=4)

    def allowed_hosts(self, *own: str) -> list[str]:
        """Return the names this service answers to: its own, the machine's loopback, SITE_ADDRESS, ALLOWED_HOSTS."""
        site = self.str("SITE_ADDRESS", default="").split("://")[-1]
        names = [
            *own,
            "localhost",
            "127.0.0.1",
            "[::1]",
            re.sub(r":[^:\]]*$", "", site),
            *self.list("ALLOWED_HOSTS", default=[]),
        ]
        return [self._host(name.strip()) for name in names if name.strip()]

    @staticmethod
    def _host(name: str) -> str:
        """Return a name or an address that has the form of one, or end the process."""
        if not _HOST.fullmatch(name):
            raise SystemExit(f"Setting ALLOWED_HOSTS or SITE_ADDRESS is not valid: {name} is not a name or an address.")
        return name

    def debug_pages(self) -> bool:
        """Return whether browsers see the insides of errors; never where there is a site for others."""
        if not self.bool("DEBUG_PAGES", default=False):
            return False
        if self.str("SITE_ADDRESS", default=""):
            raise SystemExit("Setting DEBUG_PAGES is not valid: it shows the insides of errors; SITE_ADDRESS is set.")
        return True

    def tls(self) -> bool:
        """Return whether clients come by https: Caddy serves a SITE_ADDRESS that is a bare domain that way."""
        site = self.str("SITE_ADDRESS", default="")
        return bool(site) and not site.startswith((":", "http://"))

    def database(self, **settings: str) -> dict[str, Any]:
        """Return DATABASE_URL as a Django database to which every thread keeps a connection.

        The threads of a service are as many as it was given and live as long as it does, so they bound its
        connections, and a request costs no look into a pool. The settings are PostgreSQL's; `migrate` gives them to
        the role, because a pooler shares sessions.
        """
        config = self._postgres("DATABASE_URL")
        options = {
            "connect_timeout": 3,
            # A connection whose other end has vanished without a word is an error in seconds, not in a quarter of an
            # hour. The timeout is in milliseconds, and longer than the server gives a statement.
            "tcp_user_timeout": 7000,
            "keepalives_idle": 30,
            "keepalives_interval": 5,
            "keepalives_count": 3,
        }
        # Statements that a connection has seen five times are planned once and for all.
        options |= {"server_side_binding": True, "prepare_threshold": 5}
        return config | {
            "ENGINE": "chassis.db.postgresql",
            "OPTIONS": config.get("OPTIONS", {}) | options,
            "CONN_MAX_AGE": CONNECTION_SECONDS,
            "CONN_HEALTH_CHECKS": True,
            "DISABLE_SERVER_SIDE_CURSORS": True,
            "ROLE_SETTINGS": {"statement_timeout": "5s", **settings},
        }

    def _postgres(self, var: str) -> dict[str, Any]:
        """Return a URL of PostgreSQL as a Django database."""
        try:
            with warnings.catch_warnings(action="ignore"):
                config: dict[str, Any] = self.db(var)
        except ValueError:
            config = {}
        if config.get("ENGINE") != "django.db.backends.postgresql" or not config["NAME"]:
            # The URL is not quoted: the mistake may be in the password.
            raise SystemExit(f"Setting {var} is not valid: write it like postgres://user:password@host:5432/name.")
        return config
