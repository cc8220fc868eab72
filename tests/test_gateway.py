"""What the gateway answers itself, and what it lets through."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from local.config import Config
from tests.conftest import GATEWAY_URL, Client, Persona, failure_of, new_client
from tests.local_stack import PATHS, LocalStack
from tests.waiting import eventually

ADDRESS = urlsplit(GATEWAY_URL)


@pytest.mark.parametrize("path", PATHS)
def test_health_is_good(anonymous: Client, path: str) -> None:
    response = anonymous.get(path)

    assert response.status_code == 200
    assert response.json()["status"] == "ok"


@pytest.mark.parametrize("path", ["/nothing", "/tasksx", "/auth/nothing", "/tasks/nothing/at/all", "/users/nothing"])
def test_an_unknown_address_is_a_404_in_our_shape(anonymous: Client, path: str) -> None:
    assert failure_of(anonymous.get(path)) == (404, "not_found")


@pytest.mark.parametrize(
    "path", ["/internal/staff", "/auth/../internal/staff", "/auth/%2e%2e/internal/accounts", "//internal/accounts"]
)
def test_internal_endpoints_are_not_routed(path: str) -> None:
    address = (ADDRESS.hostname or "", ADDRESS.port)
    with closing(http.client.HTTPConnection(*address, timeout=20)) as connection:
        connection.request("POST", path, body="{}", headers={"Content-Type": "application/json"})

        assert connection.getresponse().status == 404


@pytest.mark.parametrize("path", ["/metrics", "/tasks/metrics", "/users/health"])
def test_metrics_are_not_routed_whatever_the_host(anonymous: Client, stack: LocalStack, path: str) -> None:
    for address in (ADDRESS.netloc, *Config().metrics_addresses().values()):
        assert "# HELP" not in anonymous.get(path, headers={"Host": address}).text


def test_a_body_of_3_mb_is_a_413(alice: Persona) -> None:
    response = alice.client.post("/tasks", data=b"x" * 3_000_000, headers={"Content-Type": "application/json"})

    assert failure_of(response) == (413, "payload_too_large")


def test_a_chunked_body_is_read_whole(alice: Persona) -> None:
    chunks = iter([b'{"title": ', b'"in pieces"}'])

    response = alice.client.post("/tasks", data=chunks, headers={"Content-Type": "application/json"})

    assert response.status_code == 201
    assert response.json()["data"]["title"] == "in pieces"


def test_a_trailing_slash_is_tolerated_and_never_redirected(alice: Persona) -> None:
    assert alice.client.post("/tasks/", json={"title": "with a slash"}).status_code == 201


def test_every_answer_has_one_request_id(anonymous: Client) -> None:
    for path in ("/health", "/nothing", "/auth/health", "/tasks"):
        response = anonymous.get(path, headers={"X-Request-ID": "my-own.id_1"})
        assert response.headers["X-Request-ID"] == "my-own.id_1", path
        made = anonymous.get(path, headers={"X-Request-ID": "bad id!"}).headers["X-Request-ID"]
        assert re.fullmatch(r"[\w-]{16,64}", made), path


def test_a_request_id_reaches_every_service_and_its_log(alice: Persona, staff: Persona, stack: LocalStack) -> None:
    alice.client.post("/users/users", json={"name": "Alice", "email": alice.email})
    identifier = f"trace-{alice.id}"

    # task_svc asks user_svc for the id of another account than the caller's.
    response = staff.client.post(
        "/tasks/tasks", json={"userId": alice.id, "title": "traced"}, headers={"X-Request-ID": identifier}
    )

    assert response.status_code == 201
    # The gateway writes its line when the answer has been sent already.
    eventually(lambda: all(identifier in stack.log(name) for name in ("gateway", "task-svc", "user-svc")), within=5)


def test_no_token_or_password_is_in_any_log(alice: Persona, stack: LocalStack) -> None:
    alice.client.get("/tasks", params={"search": "very-private-words"})
    new_client().post("/auth/refresh", json={"refresh_token": alice.tokens["refresh_token"]})

    for name in ("gateway", "auth-svc", "auth-worker", "task-svc", "user-svc", "postgres"):
        log = stack.log(name)
        for secret in (alice.token, alice.tokens["refresh_token"], "correct horse", "very-private-words"):
            assert secret not in log, name


def test_a_post_after_a_pause_is_never_a_502(alice: Persona) -> None:
    def burst() -> list[int]:
        client = new_client(alice.token)
        return [client.post("/tasks", json={"title": "after a pause"}).status_code for _ in range(4)]

    statuses: list[int] = []
    for _ in range(2):
        with ThreadPoolExecutor(8) as pool:
            for result in [pool.submit(burst) for _ in range(8)]:
                statuses += result.result()
        time.sleep(2.5)  # The pause is the subject: gunicorn's own default closes idle connections after 2 s.

    assert set(statuses) == {201}


def test_connections_without_a_request_hold_no_thread_of_a_service(stack: LocalStack) -> None:
    address = ("127.0.0.1", int(os.environ["TASK_PORT"]))
    silent = [socket.create_connection(address, timeout=20) for _ in range(30)]
    try:
        started = time.monotonic()
        assert new_client().get(f"http://127.0.0.1:{address[1]}/health/live").status_code == 200
        # Gunicorn lets each hold one of its threads for 5 s.
        assert time.monotonic() - started < 3
    finally:
        for connection in silent:
            connection.close()


def test_connections_to_a_service_are_renewed_now_and_then(stack: LocalStack) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", int(os.environ["TASK_PORT"]), timeout=20)) as connection:
        endings = []
        for _ in range(400):
            connection.request("GET", "/health/live")
            response = connection.getresponse()
            response.read()
            endings.append(response.headers["Connection"])

    assert 4 <= endings.count("close") <= 12
    assert set(endings) == {"close", "keep-alive"}


def test_ten_registrations_of_one_address_make_one_account(alice: Persona) -> None:
    body = {"email": f"once-{alice.id}@example.com", "password": "password123"}

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: new_client().post("/auth/register", json=body), range(10)))

    # More passwords at once than may wait to be hashed are a 503.
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {201, 409, 503}


def test_a_slow_client_holds_no_thread_of_a_service(anonymous: Client) -> None:
    slow = []
    for _ in range(40):
        connection = socket.create_connection((ADDRESS.hostname, ADDRESS.port), timeout=20)
        connection.sendall(
            b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 60\r\n\r\n{"
        )
        slow.append(connection)
    try:
        response = anonymous.post("/auth/login", json={"email": "nobody@example.com", "password": "wrong"})
        assert failure_of(response) == (401, "invalid_credentials")
    finally:
        for connection in slow:
            connection.close()


def test_an_etag_passes_the_gateway_unchanged(alice: Persona) -> None:
    task = alice.client.post("/tasks", json={"title": "tagged"})
    headers = {"If-Match": task.headers["ETag"], "Accept-Encoding": "gzip"}

    changed = alice.client.patch(task.headers["Location"], json={"title": "tagged twice"}, headers=headers)
    stale = alice.client.patch(task.headers["Location"], json={"title": "lost"}, headers=headers)

    assert changed.status_code == 200
    assert failure_of(stale) == (412, "precondition_failed")
    assert stale.headers["ETag"] == changed.headers["ETag"] != task.headers["ETag"]


def test_a_service_called_directly_answers_as_through_the_gateway(stack: LocalStack) -> None:
    for name, prefix in (("AUTH_PORT", "auth"), ("TASK_PORT", "tasks"), ("USER_PORT", "users")):
        base = f"http://127.0.0.1:{os.environ[name]}"
        assert json.loads(new_client().get(f"{base}/health").text)["status"] == "ok"
        assert failure_of(new_client().get(f"{base}/{prefix}/nothing")) == (404, "not_found")
        assert failure_of(new_client().get(f"{base}/nothing")) == (404, "not_found")
