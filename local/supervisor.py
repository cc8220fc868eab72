"""The supervisor of one DATA_DIR, through its XML-RPC interface."""

from __future__ import annotations

import subprocess
import sys
import time
import xmlrpc.client
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from local.config import BIN, Config
from local.errors import StackError, reason
from local.lending import is_lent
from local.services import ROOT

STARTS_WITHIN = 10.0


@dataclass
class Attempt:
    """A start of a program: where its log ended before, and the processes that it has had since."""

    log: Path
    log_start: int
    pids: set[int] = field(default_factory=set)

    def fails(self, program: dict[str, Any]) -> bool:
        """Return whether the program has ended twice; once may be an accident, of which the supervisor takes care."""
        if program["pid"]:
            self.pids.add(program["pid"])
        return len(self.pids) > 2 or (len(self.pids) == 2 and program["statename"] == "BACKOFF")

    def last_words(self) -> str:
        """Return what the program has said of its end."""
        if not self.log.exists():
            return reason("")
        written = self.log.read_bytes()
        # A shorter log was rotated.
        return reason(written[self.log_start if len(written) >= self.log_start else 0 :].decode(errors="replace"))


class Supervisor:
    """Starts, stops and watches the programs of supervisord.conf."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.attempts: dict[str, Attempt] = {}

    def launch(self) -> None:
        """Start the supervisor itself, detached from the caller's terminal; it starts no program by itself."""
        given = {name: value for name, value in self.config.given.items() if name != "DEBUG_PAGES"}
        environment = given | {
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
            raise StackError(f"the supervisor does not start: {reason(launched.stderr)}")
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

    def read_programs(self) -> None:
        """Let a supervisor that a former version started know the programs that have been added since."""
        ((added, _, _),) = self._ask("reloadConfig")
        for name in added:
            self._ask("addProcessGroup", name)

    def program(self, name: str) -> dict[str, Any]:
        program: dict[str, Any] = self._ask("getProcessInfo", name)
        return program

    def is_up(self, name: str) -> bool:
        return self.program(name)["statename"] in ("RUNNING", "STARTING")

    def start(self, name: str, *, wait: bool = False) -> None:
        while self.program(name)["statename"] == "STOPPING":
            time.sleep(0.05)  # Until it has ended, which the supervisor announces to nobody.
        if self.program(name)["statename"] == "BACKOFF":
            # It waits for its next try, and would refuse to start now.
            self.stop(name)
        if not self.is_up(name) and not is_lent(self.config, name):
            log = self.config.logs / f"{name}.log"
            self.attempts[name] = Attempt(log, log.stat().st_size if log.exists() else 0)
            self._ask("startProcess", name, wait)

    def check(self, name: str) -> None:
        """Raise StackError with its last words if a program ends again and again after it was started here."""
        attempt = self.attempts.get(name)
        if attempt and attempt.fails(self.program(name)):
            raise StackError(f"{name} does not start: {attempt.last_words()} (see `./manage_all.sh logs {name}`)")

    def has_workers(self, name: str) -> bool:
        """Return whether a service has started its workers, which answer from then on."""
        try:
            return bool(psutil.Process(self.program(name)["pid"]).children())
        except psutil.Error:
            return False

    def shares_addresses(self, name: str) -> bool:
        """Return whether another process may listen where a running service does."""
        try:
            environment = psutil.Process(self.program(name)["pid"]).environ()
        except psutil.Error:
            return False
        return self.is_up(name) and environment.get("SERVICES_BIND", "").startswith("fd:")

    def stop(self, name: str) -> None:
        if self.program(name)["statename"] in ("RUNNING", "STARTING", "BACKOFF"):
            self._ask("stopProcess", name)

    def shutdown(self) -> None:
        """Stop every program in its order, and then the supervisor."""
        self._ask("shutdown")

    def processes(self, name: str | None = None) -> list[psutil.Process]:
        """Return this stack's processes, recognised by the marker in their environment."""
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
