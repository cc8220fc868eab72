"""The processes that run on unwatched after their supervisor was killed."""

from __future__ import annotations

import signal

import psutil

from local.programs import PROGRAMS, STAND_INS
from local.supervisor import Supervisor

SUPERVISOR_STOPS_WITHIN = 60.0
# As in supervisord.conf: longer than gunicorn and PostgreSQL take to finish what they have begun.
STOPS_WITHIN = 30.0
# The gateway first, so that requests in flight find everything behind it; the database last.
STOP_ORDER = (
    ("gateway",),
    (*(name for name in PROGRAMS if name not in ("gateway", "postgres")), *STAND_INS.values()),
    ("postgres",),
)
NAMES = {name for names in STOP_ORDER for name in names}


def find(supervisor: Supervisor) -> dict[str, psutil.Process]:
    """Return the main process of each program that has no supervisor any more, by the program's name."""
    if supervisor.runs():
        return {}
    processes = {process.pid: process for process in supervisor.processes()}
    found = {}
    for process in processes.values():
        try:
            # The supervisor gives each program its name, and the program's own children inherit it.
            name = process.environ().get("SUPERVISOR_PROCESS_NAME", "")
            if name in NAMES and process.ppid() not in processes:
                found[name] = process
        except psutil.Error:
            continue
    return found


def stop(supervisor: Supervisor) -> bool:
    """Stop them in good order, so that requests in flight are finished; return whether there were any."""
    if supervisor.runs():
        return False
    # A supervisor that is just stopping still watches its programs.
    psutil.wait_procs(supervisor.processes("supervisord"), timeout=SUPERVISOR_STOPS_WITHIN)
    orphans = find(supervisor)
    if not orphans:
        return False
    print(f"The supervisor was killed; stopping what runs without it: {', '.join(sorted(orphans))} ...", flush=True)
    for names in STOP_ORDER:
        stop_together([orphans[name] for name in names if name in orphans])
    return True


def stop_together(mains: list[psutil.Process]) -> None:
    """Ask processes to end, and kill with their children those that do not."""
    families = {main.pid: main.children(recursive=True) for main in mains if main.is_running()}
    for main in mains:
        ask_to_end(main)
    for main in psutil.wait_procs(mains, timeout=STOPS_WITHIN)[1]:
        for process in (main, *families.get(main.pid, ())):
            if process.is_running():
                process.kill()


def ask_to_end(process: psutil.Process) -> None:
    """Send a process the signal for a graceful end."""
    if process.is_running():
        # PostgreSQL ends its sessions on INT, and would wait for them on TERM.
        process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
