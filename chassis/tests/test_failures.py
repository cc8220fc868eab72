from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
from chassis.middleware import CONTENT_SECURITY_POLICY
from chassis.testing import JSONClient, failure_of
from django.db import connection
from django.db.models import Func, TextField, Value
from django.db.models.functions import Cast
from django.test import Client

from tests.conftest import LogLines
from tests.models import Note
from tests.notes import NOTES


def test_an_unknown_url_is_a_404_in_our_shape(client: JSONClient) -> None:
    response = client.get("/nowhere?secret=1")

    assert failure_of(response) == (404, "not_found")
    assert response.json()["message"] == "There is nothing at /nowhere."
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/%00", "/%ff", "/%ed%a0%80", "/..%2f..", "/" + "a" * 4000])
def test_an_odd_url_is_a_404_in_our_shape(client: JSONClient, path: str) -> None:
    assert failure_of(client.get(path)) == (404, "not_found")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET", "OPTIONS", "TRACE", "PURGE"])
def test_a_method_that_is_not_there_is_a_405(client: JSONClient, method: str) -> None:
    response = client.generic(method, "/echo")

    assert failure_of(response) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "POST, OPTIONS"


def test_a_client_that_accepts_something_else_gets_json(client: JSONClient) -> None:
    for headers in ({"Accept": "text/html"}, {"Accept": "application/xml;q=1"}, {"Accept": "nonsense"}):
        response = client.post("/echo?format=xml", {"a": 1}, headers=headers)
        assert (response.status_code, response.headers["Content-Type"]) == (201, "application/json")


@pytest.mark.parametrize("host", ["evil.example.com", "evil.example.com:80@testserver", "a_b", "testserver/x"])
def test_another_host_is_a_400_that_names_no_setting(client: JSONClient, host: str) -> None:
    response = client.get("/host", headers={"Host": host})

    assert failure_of(response) == (400, "bad_request")
    assert "ALLOWED_HOSTS" not in response.content.decode()
    assert host not in response.content.decode()


EXPECTED = {
    "crash": (500, "server_error"),
    "operational": (503, "service_unavailable"),
    "interface": (503, "service_unavailable"),
    "suspicious": (400, "bad_request"),
    "bad-request": (400, "bad_request"),
    "too-big": (413, "payload_too_large"),
    "denied": (403, "permission_denied"),
    "missing": (404, "not_found"),
    "unavailable": (503, "service_unavailable"),
    "throttled": (429, "throttled"),
    "taken": (409, "title_taken"),
}


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items(), ids=EXPECTED.keys())
@pytest.mark.parametrize("where", ["/fails", "/plain"], ids=["in a view of the API", "outside of one"])
def test_what_goes_wrong_has_one_shape_and_no_details(
    client: JSONClient, where: str, name: str, expected: tuple[int, str]
) -> None:
    response = client.get(f"{where}/{name}")

    assert failure_of(response) == expected
    assert response.headers["Content-Type"] == "application/json"
    for secret in ("hunter2", "10.0.0.7", "SETTING", "DATA_UPLOAD", "Traceback", "RuntimeError"):
        assert secret not in response.content.decode()


@pytest.mark.parametrize("where", ["/fails", "/plain"])
@pytest.mark.parametrize(("name", "seconds"), [("unavailable", "1"), ("operational", "1"), ("throttled", "7")])
def test_who_may_come_back_is_told_when(client: JSONClient, where: str, name: str, seconds: str) -> None:
    assert client.get(f"{where}/{name}").headers["Retry-After"] == seconds


def test_a_refusal_may_carry_headers_and_details(client: JSONClient) -> None:
    response = client.get("/fails/taken")

    assert response.headers["X-Other"] == "/notes/1"
    assert response.json()["error"]["details"] == {"title": ["There is such a note."]}


def test_a_validation_error_names_its_fields(client: JSONClient) -> None:
    response = client.get("/fails/invalid-fields")

    assert failure_of(response) == (400, "validation_error")
    assert response.json()["error"]["details"] == {"title": ["Wrong."], "labels": ["1: Too long."]}
    assert response.json()["error"]["fields"] == [
        {"field": "title", "code": "invalid"},
        {"field": "labels.1", "code": "invalid"},
    ]
    assert response.json()["message"] == "The request is not valid: title, labels."


def test_a_validation_error_without_a_field_says_so(client: JSONClient) -> None:
    response = client.get("/fails/invalid")

    assert failure_of(response) == (400, "validation_error")
    assert response.json()["error"]["details"] == {"non_field_errors": ["Wrong."]}
    assert response.json()["error"]["fields"] == [{"field": "non_field_errors", "code": "invalid"}]


def test_a_validation_error_of_a_list_names_rows_and_fields(client: JSONClient) -> None:
    response = client.get("/fails/invalid-rows")

    assert response.json()["error"]["details"] == {"99": {"title": ["Wrong."]}}
    assert response.json()["error"]["fields"] == [{"field": "99.title", "code": "invalid"}]


def test_a_message_that_quotes_much_is_cut(client: JSONClient) -> None:
    response = client.get("/fails/invalid-long")

    assert response.json()["error"]["details"] == {"title": ["x" * 200 + "…"], "rank": ["y" * 200]}


def test_a_validation_error_may_have_a_code_of_its_own(client: JSONClient) -> None:
    assert failure_of(client.get("/fails/unknown-user")) == (400, "user_unknown")


def test_a_crash_is_logged_with_its_traceback(client: JSONClient, log_lines: LogLines) -> None:
    response = client.get("/fails/crash?secret=1")

    log_lines.read()
    (line,) = [line for line in log_lines if line["level"] == "ERROR"]
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert line["exception"].endswith("RuntimeError: password=hunter2")
    assert "secret=1" not in line["message"]


def test_a_lost_database_is_logged_without_its_address(client: JSONClient, log_lines: LogLines) -> None:
    client.get("/fails/operational")

    log_lines.read()
    assert "database unavailable: TimeoutError" in [line["message"] for line in log_lines]
    assert not [line for line in log_lines if "10.0.0.7" in line["message"]]


def test_a_forged_form_is_a_403_in_our_shape() -> None:
    response = Client(enforce_csrf_checks=True).post("/form")

    assert failure_of(response) == (403, "csrf_failed")


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items(), ids=EXPECTED.keys())
def test_what_goes_wrong_on_a_page_is_a_page_in_a_browser(
    client: JSONClient, name: str, expected: tuple[int, str]
) -> None:
    response = client.get(f"/admin/fails/{name}", headers=BROWSER)

    assert (response.status_code, response.headers["Content-Type"]) == (expected[0], "text/html; charset=utf-8")
    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    page = response.content.decode()
    assert f"<h1>{HTTPStatus(expected[0]).phrase}</h1>" in page
    assert "hunter2" not in page
    assert failure_of(client.get(f"/admin/fails/{name}")) == expected


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/plain", "application/json, text/html", ""])
def test_a_client_that_asks_for_no_page_gets_none(client: JSONClient, accept: str) -> None:
    response = client.get("/admin/fails/missing", headers={"Accept": accept})

    assert failure_of(response) == (404, "not_found")


def test_a_browser_that_calls_the_api_gets_json(client: JSONClient) -> None:
    assert failure_of(client.get("/nowhere", headers=BROWSER)) == (404, "not_found")
    assert failure_of(client.get("/fails/missing", headers=BROWSER)) == (404, "not_found")


def test_a_page_says_when_to_come_back(client: JSONClient) -> None:
    assert client.get("/admin/fails/throttled", headers=BROWSER).headers["Retry-After"] == "7"


def test_a_page_shows_a_path_as_text(client: JSONClient) -> None:
    response = client.get("/docs/<b>", headers=BROWSER)

    assert "There is nothing at /docs/&lt;b&gt;." in response.content.decode()


def test_a_forged_form_of_a_page_is_a_page() -> None:
    response = Client(enforce_csrf_checks=True).post("/admin/form", headers=BROWSER)

    assert response.status_code == 403
    assert "CSRF verification failed" in response.content.decode()


def test_a_bare_view_fails_in_the_same_shape(client: JSONClient) -> None:
    assert client.post("/bare-echo", {"a": 1}).json() == {"a": 1}
    assert failure_of(client.post("/bare-echo", b"{")) == (400, "malformed_json")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("where", ["/fails", "/plain", "/admin/fails"])
@pytest.mark.parametrize("sqlstate", ["25006", "53100", "57P01", "57P03"])
def test_a_database_that_cannot_write_now_is_a_503(client: JSONClient, where: str, sqlstate: str) -> None:
    response = client.get(f"{where}/sqlstate-{sqlstate}")

    assert failure_of(response) == (503, "service_unavailable")
    assert response.headers["Retry-After"] == "1"
    assert "hunter2" not in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_broken_database_is_a_500(client: JSONClient) -> None:
    assert failure_of(client.get("/fails/sqlstate-XX002")) == (500, "server_error")


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_a_503(client: JSONClient, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")

    response = client.get("/notes")

    assert failure_of(response) == (503, "service_unavailable")
    assert response.headers["Retry-After"] == "1"


@pytest.mark.django_db
def test_a_statement_that_takes_too_long_is_a_503(client: JSONClient, monkeypatch: pytest.MonkeyPatch) -> None:
    Note.objects.create(title="slow", created_at=datetime(2026, 1, 1, tzinfo=UTC))
    slept = Cast(Func(Value(1), function="pg_sleep"), TextField())
    slow = replace(NOTES, get_queryset=Note.objects.alias(slept=slept).exclude(slept=None).filter)
    monkeypatch.setattr("tests.notes.NOTES", slow)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10ms'")

    assert failure_of(client.get("/notes")) == (503, "service_unavailable")
