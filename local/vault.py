"""The secrets of an installation in its backup: encrypted with a pass phrase, or left out."""

from __future__ import annotations

import base64
import getpass
import json
import os
import sys
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from local.config import Config
from local.errors import StackError
from local.services import SERVICES

SALT_BYTES = 16
MIN_LENGTH = 12
STAGED = ".restored"
# Where each is below DATA_DIR/secrets: tokens and tombstones are made with them. Passwords of databases are left out.
FILES = {"SERVICE_KEY": "service_key", "JWT_SIGNING_KEY": "jwt_signing_key"}
FILES |= {service.key_setting: f"{service.short}_secret_key" for service in SERVICES}


def read_secrets(config: Config) -> dict[str, str]:
    """Return the secrets that are in force, by the names of their files."""
    values = {}
    for name, file in FILES.items():
        given = config.environment.get(name)
        path = Path(config.environment.get(f"{name}_FILE") or config.data_dir / "secrets" / file)
        try:
            values[file] = given or path.read_text().strip()
        except OSError as error:
            raise StackError(f"{name} cannot be read from {path}: {error.strerror}.") from error
    return values


def refuse_given(config: Config) -> None:
    """Refuse to restore secrets where the environment or .env sets one."""
    for name in FILES:
        if config.environment.get(name) or config.environment.get(f"{name}_FILE"):
            raise StackError(f"{name} is set in the environment or in .env, and would go before the one of the backup.")


def stage_secrets(config: Config, values: dict[str, str]) -> None:
    """Write secrets beside those in force, which takes room on the disk; to use them then takes none."""
    for file in FILES.values():
        config.write_secret(_staged(config, file), values[file])


def use_staged_secrets(config: Config) -> None:
    """Use from the next start on those that are staged, if any are."""
    for file in FILES.values():
        with suppress(FileNotFoundError):
            _staged(config, file).replace(config.data_dir / "secrets" / file)


def has_staged_secrets(config: Config) -> bool:
    return any(_staged(config, file).exists() for file in FILES.values())


def drop_staged_secrets(config: Config) -> None:
    """Forget those that are staged."""
    for file in FILES.values():
        _staged(config, file).unlink(missing_ok=True)


def _staged(config: Config, file: str) -> Path:
    return config.data_dir / "secrets" / f"{file}{STAGED}"


def pass_phrase(*, new: bool = False) -> str:
    """Return the pass phrase of the environment, or ask for it; twice if it is new. It is no setting of a stack."""
    phrase = os.environ.get("BACKUP_PASSPHRASE", "")
    if not phrase and sys.stdin.isatty():
        phrase = getpass.getpass("Pass phrase: ")
        if new and getpass.getpass("Once more: ") != phrase:
            raise StackError("the two pass phrases differ.")
    if len(phrase) < MIN_LENGTH:
        raise StackError(
            f"--secrets needs a pass phrase of {MIN_LENGTH} characters or more: set BACKUP_PASSPHRASE, or type it."
        )
    return phrase


def encrypt(values: dict[str, str], phrase: str) -> bytes:
    salt = os.urandom(SALT_BYTES)
    return salt + _cipher(phrase, salt).encrypt(json.dumps(values).encode())


def decrypt(sealed: bytes, phrase: str) -> dict[str, str]:
    try:
        opened = _cipher(phrase, sealed[:SALT_BYTES]).decrypt(sealed[SALT_BYTES:])
    except InvalidToken:
        raise StackError("the secrets of this backup were encrypted with another pass phrase.") from None
    values: dict[str, str] = json.loads(opened)
    return values


def _cipher(phrase: str, salt: bytes) -> Fernet:
    # The cost that RFC 7914 gives for files, a second's work.
    key = Scrypt(salt=salt, length=32, n=2**17, r=8, p=1).derive(phrase.encode())
    return Fernet(base64.urlsafe_b64encode(key))
