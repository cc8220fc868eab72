"""The supervisor of one DATA_DIR, through its XML-RPC interface."""

from __future__ import annotations

import subprocess
import sys
import time
import xmlrpc.client
from contextlib import closing
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from local.config import BIN, ROOT, Config, StackError

STARTS_WITHIN = 10.0


class Supervisor:
    """Starts, stops and watches the programs of supervisord.conf."""

    def __init__(self, config: Config) -> None:
        self.config = config

    def launch(self) -> None:
        """Start the supervisor itself, detached from the caller's terminal; it starts no program by itself."""
        environment = self.config.given | {
            "DATA_DIR": str(self.config.data_dir),
            "STACK_DATA_DIR": str(self.config.data_dir),
            "PYTHON": sys.executable,
            "PYTHONPATH": str(ROOT),
            "LOGS": str(self.config.logs),
            "RUN_DIR": str(self.config.run_dir),
        }
        command = [str(BIN / "supervisord"), "-c", str(ROOT / "local" / "supervisord.conf")]
        launched = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
        if launched.returncode:
            reason = launched.stderr.strip().splitlines() or ["no reason given"]
            raise StackError(f"the supervisor does not start: {reason[-1]}")
        deadline = time.monotonic() + STARTS_WITHIN
        while not self.runs():
            if time.monotonic() > deadline:
                raise StackError(f"the supervisor does not start; see {self.config.logs / 'supervisord.log'}.")
            time.sleep(0.05)  # Until its socket is there.

    def runs(self) -> bool:
        try:
            return bool(self._ask("getState")["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Fault):
            return False

    def programs(self) -> list[dict[str, Any]]:
        """Return what the supervisor knows of each program: `name`, `statename`, `pid`, `description` and more."""
        programs: list[dict[str, Any]] = self._ask("getAllProcessInfo")
        return programs

    def program(self, name: str) -> dict[str, Any]:
        program: dict[str, Any] = self._ask("getProcessInfo", name)
        return program

    def is_up(self, name: str) -> bool:
        return self.program(name)["statename"] in ("RUNNING", "STARTING")

    def start(self, name: str, *, wait: bool = False) -> None:
        if not self.is_up(name):
            self._ask("startProcess", name, wait)

    def stop(self, name: str) -> None:
        if self.program(name)["statename"] in ("RUNNING", "STARTING", "BACKOFF"):
            self._ask("stopProcess", name)

    def shutdown(self) -> None:
        """Stop every program in its order, and then the supervisor."""
        self._ask("shutdown")

    def processes(self, name: str | None = None) -> list[psutil.Process]:
        """Return this stack's processes, told by the marker in their environment, whoever started them."""
        found = []
        mine = psutil.Process()
        callers = {mine.pid, *(parent.pid for parent in mine.parents())}
        for process in psutil.process_iter():
            try:
                if process.pid in callers or process.environ().get("STACK_DATA_DIR") != str(self.config.data_dir):
                    continue
                if name is None or any(part.endswith(name) for part in process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def _ask(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.config.run_dir / 'supervisor.sock'}")
        with closing(transport), xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)
