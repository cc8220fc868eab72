"""Every line of a log is whole, and says nothing that somebody could sign in with or know a person by."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import uuid4

import psycopg

from local.config import Config
from tests.conftest import PASSWORD, Persona, join, new_client
from tests.local_stack import LocalStack
from tests.logs import OURS, lines_after, secrets_in_logs, text_of
from tests.waiting import eventually

OTHER_PASSWORD = "another horse, just as correct"
# Its lines are longer than what a pipe takes at once, and are cut; the gateway's are not.
LONG = 7_500


@contextmanager
def missing_column() -> Iterator[None]:
    """Let what reads an account be an error of auth_svc's own within the block: a traceback."""
    config = Config()
    password = config.secret("postgres_password").read_text()
    database = f"dbname=auth_db user=postgres host={config.run_dir}"
    with psycopg.connect(database, password=password, autocommit=True) as superuser:
        superuser.execute("ALTER TABLE accounts_user RENAME COLUMN email_verified_at TO hidden")
        try:
            yield
        finally:
            superuser.execute("ALTER TABLE accounts_user RENAME COLUMN hidden TO email_verified_at")


def put_credentials_everywhere(person: Persona) -> None:
    """Send tokens, passwords and addresses where they belong, and where they do not."""
    anonymous = new_client()
    refresh = person.tokens["refresh_token"]
    for wrong in (
        {"email": person.email, "password": OTHER_PASSWORD},
        {"email": OTHER_PASSWORD, "password": person.email},
    ):
        assert anonymous.post("/auth/login", json=wrong).status_code in (400, 401)
    assert anonymous.post("/auth/validate-token", json={"token": person.token}).status_code == 200
    assert anonymous.get("/tasks", headers={"Authorization": f"Bearer {refresh}"}).status_code == 401
    assert anonymous.get("/tasks", headers={"Authorization": person.email, "Cookie": refresh}).status_code == 401
    queries = {"token": person.token, "search": person.email, "password": PASSWORD}
    assert person.client.get("/tasks", params=queries).status_code == 400
    assert person.client.get("/tasks", headers={"Idempotency-Key": refresh, "Referer": person.email}).status_code == 200
    unreadable = f'{{"email": "{person.email}", "password": "{PASSWORD}"'
    assert anonymous.post("/auth/login", data=unreadable).status_code in (400, 415)
    assert person.client.post("/auth/refresh", json={"refresh_token": refresh}).status_code == 200


def reset(person: Persona, stack: LocalStack) -> str:
    """Reset the password by mail, once with a wrong token; return the token."""
    anonymous = new_client()
    assert anonymous.post("/auth/password/reset", json={"email": person.email}).status_code == 200
    eventually(lambda: stack.reset_tokens(person.email), within=30)
    (token,) = stack.reset_tokens(person.email)
    for tried, status in ((f"{token}x", 400), (token, 200)):
        body = {"token": tried, "new_password": OTHER_PASSWORD}
        assert anonymous.post("/auth/password/reset/confirm", json=body).status_code == status
    return token


def write_long_lines(word: str) -> None:
    """Have every process of a service write many long lines at once."""

    def ask(number: int) -> int:
        return new_client().get(f"/tasks/{word}-{number}-{'x' * LONG}").status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(160))) == {404}


def test_every_line_is_whole_and_tells_no_secret(whole: LocalStack) -> None:
    word = f"w{uuid4().hex}"
    person = join(word)
    # So that each program has a line to begin with.
    for path in ("auth", "tasks", "users"):
        assert new_client().get(f"/{path}/{word}").status_code == 404
    put_credentials_everywhere(person)
    token = reset(person, whole)
    with missing_column():
        for path, body in (("login", {}), ("register", {"email": f"x{person.email}"})):
            body = {"email": person.email, "password": PASSWORD, **body}
            assert new_client().post(f"/auth/{path}", json=body).status_code == 500
    write_long_lines(word)
    last = new_client().get(f"/tasks/{word}/last", headers={"X-Request-ID": f"{word}-last"})
    assert last.status_code == 404
    eventually(lambda: f"{word}-last" in text_of("gateway"), within=20)

    services = {name: list(lines_after(f"/{word}", name)) for name in OURS if name != "auth-worker"}
    assert sum(f"{word}-" in line["message"] for line in services["task-svc"]) == 160
    assert sum(f"{word}-" in line.get("request", {}).get("uri", "") for line in services["gateway"]) == 160
    # Django's own word of the column comes last, whatever is cut before it.
    assert any("ProgrammingError" in line.get("exception", "") for line in services["auth-svc"])
    assert secrets_in_logs([PASSWORD, OTHER_PASSWORD, token, *map(str, person.tokens.values())]) == set()
