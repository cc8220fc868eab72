"""Two nodes of PostgreSQL with synchronous replication: Patroni on etcd, and HAProxy in front of the primary."""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import suppress
from functools import cached_property
from typing import Any

import psutil
import psycopg
import requests

from failover.programs import PATH
from local import ports
from local.config import BIN, Config
from local.connections import of_all_services
from local.postgres import PRIVATE_LOG, PROGRAMS, Postgres
from local.services import ROOT, SERVICES
from local.supervisor import Supervisor
from tests.waiting import eventually

STARTS_WITHIN = 90.0
STOPS_WITHIN = 10.0
# For Patroni itself: its lock in etcd, its sessions, and replication.
OWN_CONNECTIONS = 20
# A dead primary's lock ends after `ttl`, whose least value this is. An operation on etcd or PostgreSQL may take
# `retry_timeout`; loop_wait + 2 * retry_timeout must not exceed `ttl`.
DYNAMIC = {
    "ttl": 20,
    "loop_wait": 3,
    "retry_timeout": 5,
    "synchronous_mode": True,
    # PostgreSQL that died is not started in place while another node can take over.
    "primary_start_timeout": 0,
}
INITDB = [{"encoding": "UTF8"}, {"locale-provider": "builtin"}, {"builtin-locale": "C.UTF-8"}, {"locale": "C"}]
HBA = ["host all all 127.0.0.1/32 scram-sha-256", "host replication replicator 127.0.0.1/32 scram-sha-256"]


class ByProxy(Postgres):
    """The cluster's primary, for its superuser, through HAProxy."""

    def __init__(self, config: Config, port: str) -> None:
        super().__init__(config, Supervisor(config))
        self.port = port

    def connect(self) -> psycopg.Connection:
        password = self.config.secret("postgres_password").read_text()
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", password=password, autocommit=True
        )


class Node:
    """One Patroni and its PostgreSQL."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster = cluster
        self.name = name
        self.port, self.api = ports.free(2)
        self.folder = cluster.folder / name
        self.data = self.folder / "data"
        self._patroni: subprocess.Popen[bytes] | None = None
        self._frozen: list[psutil.Process] = []

    def start(self) -> None:
        """Start it, as systemd would after its end."""
        self.folder.mkdir(exist_ok=True)
        settings = self.folder / "patroni.json"
        Config.write_secret(settings, json.dumps(self._settings()))
        prefix = self.cluster.postgres.prefix
        self._patroni = self.cluster.start_program(self.name, *prefix, str(BIN / "patroni"), str(settings))

    def is_running(self) -> bool:
        return self._patroni is not None and self._patroni.poll() is None

    def says(self, what: str) -> bool:
        """Return whether Patroni confirms a role, such as `primary` or `sync`."""
        try:
            return requests.get(f"http://127.0.0.1:{self.api}/{what}", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def kill(self) -> None:
        """Kill -9 all of it at once, as the loss of its machine would."""
        self._kill([*self._patroni_itself(), *self._postgres()])

    def kill_postgres(self) -> None:
        """Kill -9 PostgreSQL and its sessions."""
        self._kill(self._postgres())

    def freeze(self) -> None:
        """Stop all of it where it is, as a host that moves it or has no memory does."""
        self._frozen = [*self._patroni_itself(), *self._postgres()]
        for process in self._frozen:
            with suppress(psutil.NoSuchProcess):
                process.suspend()

    def thaw(self) -> None:
        for process in self._frozen:
            with suppress(psutil.NoSuchProcess):
                process.resume()
        self._frozen.clear()

    def _patroni_itself(self) -> list[psutil.Process]:
        return [psutil.Process(self._patroni.pid)] if self._patroni and self.is_running() else []

    def _postgres(self) -> list[psutil.Process]:
        """Return PostgreSQL's processes, if it runs; Patroni starts it as a child of nobody."""
        try:
            postmaster = psutil.Process(int((self.data / "postmaster.pid").read_text().split()[0]))
            family = [postmaster, *postmaster.children(recursive=True)]
            # The file may be left over, and the number another process's.
            return family if postmaster.cwd() == str(self.data.resolve()) else []
        except (OSError, psutil.NoSuchProcess):
            return []

    @staticmethod
    def _kill(processes: list[psutil.Process]) -> None:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, timeout=STOPS_WITHIN)

    def _settings(self) -> dict[str, Any]:
        config = self.cluster.config
        superuser = {"username": "postgres", "password": config.secret("postgres_password").read_text()}
        replication = {"username": "replicator", "password": config.secret("replicator_password").read_text()}
        connections = of_all_services(config.environment) + OWN_CONNECTIONS
        parameters = {"max_connections": connections, "jit": "off", "unix_socket_directories": "", **PRIVATE_LOG}
        postgresql = {"use_pg_rewind": True, "parameters": parameters, "pg_hba": HBA}
        return {
            "scope": "tasks",
            "name": self.name,
            "restapi": {"listen": f"127.0.0.1:{self.api}", "connect_address": f"127.0.0.1:{self.api}"},
            "etcd3": {"host": f"127.0.0.1:{self.cluster.etcd_port}"},
            "bootstrap": {"dcs": {**DYNAMIC, "postgresql": postgresql}, "initdb": INITDB},
            "postgresql": {
                "listen": f"127.0.0.1:{self.port}",
                "connect_address": f"127.0.0.1:{self.port}",
                "data_dir": str(self.data),
                "bin_dir": str(PROGRAMS),
                "pgpass": str(self.folder / "pgpass"),
                "authentication": {"superuser": superuser, "replication": replication},
            },
        }


class Cluster:
    """etcd, two nodes, and HAProxy, in a folder of their own; this process starts them and ends them."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.folder = config.data_dir / "cluster"
        self.port, self.etcd_port, self._etcd_peers = ports.free(3)
        self.postgres = ByProxy(config, self.port)
        self.nodes = [Node(self, "one"), Node(self, "two")]
        self._programs: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start everything, and return when writes are replicated."""
        self.config.make_directories()
        self.folder.mkdir()
        client, peers = f"http://127.0.0.1:{self.etcd_port}", f"http://127.0.0.1:{self._etcd_peers}"
        etcd = {
            "--name": "etcd",
            "--data-dir": str(self.folder / "etcd"),
            "--listen-client-urls": client,
            "--advertise-client-urls": client,
            "--listen-peer-urls": peers,
            "--initial-advertise-peer-urls": peers,
            "--initial-cluster": f"etcd={peers}",
        }
        self.start_program("etcd", "etcd", *(part for option in etcd.items() for part in option))
        self.start_program("haproxy", "haproxy", "-db", "-f", str(ROOT / "failover" / "haproxy.cfg"))
        self.make_whole()
        self.postgres.wait()
        self.postgres.provide(list(SERVICES))

    def make_whole(self) -> None:
        """Start the nodes that do not run, and wait until one of them is a synchronous standby of the other."""
        for node in self.nodes:
            if not node.is_running():
                node.start()
        eventually(self.is_whole, within=STARTS_WITHIN)

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()
        for program in self._programs:
            program.kill()
            program.wait()

    def is_whole(self) -> bool:
        return any(node.says("primary") for node in self.nodes) and any(node.says("sync") for node in self.nodes)

    @property
    def primary(self) -> Node:
        return next(node for node in self.nodes if node.says("primary"))

    @property
    def standby(self) -> Node:
        return next(node for node in self.nodes if node.says("sync"))

    def database_urls(self) -> dict[str, str]:
        """Return the settings by which the services find their databases in it."""
        urls = {}
        for service in SERVICES:
            password = self.config.secret(f"{service.role}_password").read_text()
            urls[service.url_setting] = f"postgres://{service.role}:{password}@127.0.0.1:{self.port}/{service.database}"
        return urls

    def start_program(self, name: str, *command: str) -> subprocess.Popen[bytes]:
        """Start a program, whose log is a file of the folder."""
        with open(self.folder / f"{name}.log", "ab") as log:
            program = subprocess.Popen(
                command, cwd=self.folder, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._programs.append(program)
        return program

    @cached_property
    def _environment(self) -> dict[str, str]:
        """The environment of every program: no setting of the caller's that one of them would read.

        The marker lets the stack of the same DATA_DIR stop what this process, if it is killed, leaves behind.
        """
        environment = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        environment |= {"PATH": PATH, "PORT": self.port, "STACK_DATA_DIR": str(self.config.data_dir)}
        for node in self.nodes:
            environment |= {f"{node.name.upper()}_PORT": node.port, f"{node.name.upper()}_API": node.api}
        return environment
