"""Recovery of the embedded PostgreSQL to a point in time, by the recipe of docs/operations.md."""

from __future__ import annotations

import subprocess

from local.postgres import PROGRAMS, Postgres
from local.stack import Stack
from local.tests.installation import Installation
from tests.waiting import eventually

RECOVERY = """
restore_command = 'cp "{wal}/%f" "%p" || cp "{wal}/%f.partial" "%p"'
recovery_target_time = '{target}'
recovery_target_action = 'promote'
hot_standby = off
"""


def connection(postgres: Postgres) -> dict[str, str]:
    """Return how PostgreSQL's own programs reach the server as its superuser."""
    password = postgres.config.secret("postgres_password").read_text()
    return {"PGHOST": str(postgres.config.run_dir), "PGUSER": "postgres", "PGPASSWORD": password}


def ask(postgres: Postgres, *statements: str) -> str:
    with postgres.connect() as superuser:
        for statement in statements[:-1]:
            superuser.execute(statement)
        return str(superuser.execute(statements[-1]).fetchall()[0][0])


def has_received(postgres: Postgres, position: str) -> bool:
    with postgres.connect() as superuser:
        query = "SELECT 1 FROM pg_stat_replication WHERE flush_lsn >= %s::pg_lsn"
        return superuser.execute(query, [position]).fetchone() is not None


def test_the_cluster_comes_back_as_it_was_before_an_accident(installation: Installation) -> None:
    installation.up_database()
    stack = Stack(installation.config())
    postgres = stack.postgres
    base, wal = installation.folder / "base", installation.folder / "wal"
    wal.mkdir(mode=0o700)
    environment = connection(postgres)
    slot = [str(PROGRAMS / "pg_receivewal"), "-D", str(wal), "--slot=archive"]
    subprocess.run([*slot, "--create-slot"], env=environment, check=True)
    with subprocess.Popen([*slot, "--synchronous"], env=environment) as receiving:
        try:
            command = [str(PROGRAMS / "pg_basebackup"), "-D", str(base), "--checkpoint=fast"]
            subprocess.run(command, env=environment, check=True)
            target = ask(postgres, "CREATE TABLE kept AS SELECT 1 AS id", "SELECT clock_timestamp()")
            lost = ask(postgres, "INSERT INTO kept VALUES (2)", "DROP TABLE kept", "SELECT pg_current_wal_lsn()")
            eventually(lambda: has_received(postgres, lost), within=20)
            stack.stop()
        finally:
            receiving.terminate()

    postgres.cluster.rename(installation.folder / "broken")
    base.rename(postgres.cluster)
    with (postgres.cluster / "postgresql.auto.conf").open("a") as settings:
        settings.write(RECOVERY.format(wal=wal, target=target))
    (postgres.cluster / "recovery.signal").touch()
    installation.up_database()

    assert ask(postgres, "SELECT count(*) FROM kept WHERE id = 1") == "1"
    assert ask(postgres, "SELECT count(*) FROM kept") == "1"
