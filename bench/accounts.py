"""The cost of signing in and validating among a million accounts and sessions, against a handful."""

from __future__ import annotations

import psycopg

from bench.reader import Reader
from local.config import Config
from local.services import SERVICES

ACCOUNTS = 1_000_000
FILL = """
WITH accounts AS (
    INSERT INTO accounts_user (id, password, is_superuser, email, is_active, is_staff, created_at)
    SELECT gen_random_uuid(), '!', false, md5(n::text) || '@example.com', true, false, now() - n * interval '1 second'
    FROM generate_series(1, %s) AS n
    RETURNING id
)
INSERT INTO accounts_session (id, user_id, rotation, user_agent, created_at, rotated_at, expires_at)
SELECT gen_random_uuid(), id, 0, '', now(), now(), now() + interval '30 days' FROM accounts
"""


def measure(config: Config) -> None:
    """Measure one account's calls before and after a million others join; print ratios and milliseconds."""
    reader = Reader(f"http://127.0.0.1:{config.gateway_port}")
    (service,) = (each for each in SERVICES if each.short == "auth")
    few = latencies(reader)
    with psycopg.connect(config.database_url(service), autocommit=True) as auth:
        auth.execute("SET statement_timeout = 0")
        auth.execute(FILL, [ACCOUNTS])
        auth.execute("VACUUM ANALYZE accounts_user, accounts_session")
    many = latencies(reader)
    print(f"{'Milliseconds':34}{f'of {ACCOUNTS:,}':>14}{'of one':>10}{'ratio':>8}")
    for name, latency in many.items():
        print(f"{name:34}{latency:14.1f}{few[name]:10.1f}{latency / few[name]:8.2f}")


def latencies(reader: Reader) -> dict[str, float]:
    token = {"token": reader.token}
    return {
        "POST /auth/validate-token": reader.latency("POST", "/auth/validate-token", token, calls=200),
        "GET /auth/me": reader.latency("GET", "/auth/me", calls=200),
        "GET /auth/sessions": reader.latency("GET", "/auth/sessions", calls=200),
        "POST /auth/login": reader.latency("POST", "/auth/login", reader.credentials),
        "POST /auth/login, nobody's": reader.latency("POST", "/auth/login", reader.nobodys, status=401, calls=3),
    }
