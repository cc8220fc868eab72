"""A stack as its user has it: a data folder, ports, and the commands of manage_all.sh."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any
from unittest.mock import patch

import psutil

from local import ports, settings
from local.config import Config
from local.services import ROOT
from local.supervisor import Supervisor

NOT_IN_A_CLONE = shutil.ignore_patterns(
    ".venv", ".git", ".data", ".env", "__pycache__", ".*_cache", "*.egg-info", "build"
)
PORTS = tuple(settings.PORTS)


class Installation:
    """A DATA_DIR of its own on free ports; the settings of the caller are not its own."""

    def __init__(self, **settings: str) -> None:
        # Short, as a socket's path must be.
        self.folder = Path(tempfile.mkdtemp(prefix="task-manager-test-"))
        # The clone, and the command in which its own run.
        self.root = ROOT
        self.before: list[str] = []
        self.data_dir = Path(settings.pop("DATA_DIR", str(self.folder / "data")))
        self.environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment |= dict(zip(PORTS, ports.free(len(PORTS)), strict=True))
        self.environment |= {"DATA_DIR": str(self.data_dir), "ENV_FILE": str(self.folder / ".env"), **settings}
        self.configure()

    def configure(self, **settings: str) -> None:
        """Write these settings, and no others, into .env."""
        (self.folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def run(self, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command of manage_all.sh to its end; its errors are in its output."""
        return self._run([str(self.root / "manage_all.sh"), *command], settings)

    def up_database(self) -> None:
        """Start PostgreSQL alone, which takes a third of the time."""
        start = "from local.stack import Config, Stack; Stack(Config()).up_database()"
        done = self._run([sys.executable, "-c", start], {"PYTHONPATH": str(ROOT)})
        assert done.returncode == 0, done.stdout

    def _run(self, command: list[str], settings: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self.before, *command],
            env=self.environment | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )

    def config(self, *, strict: bool = True) -> Config:
        """Return the settings as the commands read them."""
        with patch.dict(os.environ, self.environment, clear=True):
            return Config(strict=strict)

    def up(self, **settings: str) -> str:
        done = self.run("up", **settings)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def ask(self, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        """Return what the gateway answers to a GET, or to a POST of JSON."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.environment['GATEWAY_PORT']}{path}")
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=20) as response:
            answer: dict[str, Any] = json.load(response)
        return answer

    def log(self, name: str) -> str:
        return (self.data_dir / "logs" / f"{name}.log").read_text(errors="replace")

    def processes(self) -> list[psutil.Process]:
        """Return everything that runs for this DATA_DIR."""
        return Supervisor(self.config(strict=False)).processes()

    def process(self, name: str) -> psutil.Process:
        """Return the main process of a program."""
        return psutil.Process(self.pid(name))

    def pid(self, name: str) -> int:
        """Return the process id that the supervisor knows: 0 for none, for a moment one that has ended."""
        pid: int = Supervisor(self.config(strict=False)).program(name)["pid"]
        return pid

    def listens_on(self, name: str, port: str) -> set[str]:
        """Return the addresses on which a program waits for clients of a port, which a setting names."""
        connections = self.process(name).net_connections("inet")
        waiting = [each.laddr for each in connections if each.status == psutil.CONN_LISTEN]
        return {address.ip for address in waiting if address.port == int(self.environment[port])}

    def kill_supervisor(self) -> None:
        """End the supervisor as the kernel does when memory runs out."""
        os.kill(int((self.data_dir / "run" / "supervisord.pid").read_text()), signal.SIGKILL)

    def remove(self) -> None:
        """Stop what runs and delete the data."""
        if self.data_dir.exists():
            self.run("down")
        shutil.rmtree(self.folder, ignore_errors=True)
