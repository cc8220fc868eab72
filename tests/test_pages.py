"""The pages through the gateway: their headers, their static files, and who may send their forms."""

from __future__ import annotations

import json
import re
from uuid import uuid4

import pytest
import requests

from local.services import ROOT
from tests.conftest import GATEWAY_URL, PASSWORD, Client, Persona, failure_of, login, new_client
from tests.local_stack import LocalStack
from tests.waiting import eventually

PREFIXES = ("auth", "tasks", "users")
PAGES = ("/", "/docs", *(f"/{prefix}/{page}" for prefix in PREFIXES for page in ("docs", "admin/login/")))
ASSETS = re.compile(r'(?:src|href)="(/[^"]+\.(?:css|js|svg|png))"')


@pytest.mark.parametrize("path", PAGES)
def test_a_page_has_the_headers_of_a_page(anonymous: Client, path: str) -> None:
    headers = anonymous.get(path).headers

    assert headers["Content-Type"].startswith("text/html")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


def test_the_readme_and_the_documentation_use_one_account(anonymous: Client) -> None:
    readme = (ROOT / "README.md").read_text()
    shown = [json.loads(body) for body in re.findall(r"-d '(\{\"email\".+?\})'", readme)]

    paths = anonymous.get("/auth/schema").json()["paths"]
    for path in ("/auth/register", "/auth/login"):
        body = paths[path]["post"]["requestBody"]["content"]["application/json"]
        shown += [example["value"] for example in body["examples"].values()]

    assert len(shown) == 4
    assert all(credentials == shown[0] for credentials in shown)


@pytest.mark.parametrize("path", PAGES)
def test_what_a_page_loads_is_ours_and_there(anonymous: Client, path: str) -> None:
    page = anonymous.get(path).text

    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]*', page)
    assets = ASSETS.findall(page)
    assert assets
    for asset in assets:
        assert anonymous.get(asset).status_code == 200, asset


@pytest.mark.parametrize("prefix", PREFIXES)
def test_static_files_are_compressed_kept_and_each_services_own(anonymous: Client, prefix: str) -> None:
    page = anonymous.get(f"/{prefix}/admin/login/").text
    sheets = re.findall(r'href="([^"]+\.css)"', page)
    assert sheets

    for sheet in sheets:
        assert sheet.startswith(f"/{prefix}/static/")
        response = anonymous.get(sheet)
        assert response.headers["Content-Encoding"] in ("gzip", "zstd")
        assert "immutable" in response.headers["Cache-Control"]
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_static_files_are_served_while_their_service_answers_nothing(anonymous: Client, whole: LocalStack) -> None:
    whole.freeze("user-svc")

    response = anonymous.get("/users/static/admin/css/base.css")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-cache"


SIDECAR = "static/drf_spectacular_sidecar"


@pytest.mark.parametrize(
    "path",
    [
        f"{SIDECAR}/swagger-ui-dist/swagger-ui-bundle.js.map",
        f"{SIDECAR}/redoc/bundles/redoc.standalone.js",
        "static/admin/css/base.0123456789ab.css",
        "static/admin/css",
        "static/",
        "static/%2e%2e/%2e%2e/%2e%2e/secrets/service_key",
    ],
)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_file_that_is_not_there_is_a_404_in_our_shape(anonymous: Client, prefix: str, path: str) -> None:
    response = anonymous.get(f"/{prefix}/{path}")

    assert failure_of(response) == (404, "not_found")
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_admin_is_found_without_its_slash(anonymous: Client, prefix: str) -> None:
    response = anonymous.get(f"/{prefix}/admin", allow_redirects=False)

    assert (response.status_code, response.headers["Location"]) == (302, f"/{prefix}/admin/")


def post_login(client: Client, prefix: str, email: str, **headers: str) -> requests.Response:
    """Send the login form of an admin as a browser would, with these headers instead of its own."""
    form = client.get(f"/{prefix}/admin/login/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form)
    assert token is not None
    fields = {"username": email, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    return client.post(f"/{prefix}/admin/login/", data=fields, headers={"Origin": GATEWAY_URL, **headers})


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "forged",
    [
        {},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "proto=https;host=evil.example"},
    ],
    ids=["nothing", "scheme", "host", "rfc 7239"],
)
def test_a_form_of_our_own_is_taken_whatever_else_is_forged(
    anonymous: Client, staff: Persona, prefix: str, forged: dict[str, str]
) -> None:
    response = post_login(anonymous, prefix, staff.email, **forged)

    assert response.status_code == 302, response.text


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    "forged",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"},
        {"Origin": GATEWAY_URL.replace("http://", "https://"), "X-Forwarded-Proto": "https"},
    ],
    ids=["other site", "no site", "other site said to be ours", "scheme said to be https"],
)
def test_a_form_of_another_site_is_refused(
    anonymous: Client, staff: Persona, prefix: str, forged: dict[str, str]
) -> None:
    response = post_login(anonymous, prefix, staff.email, **forged)

    assert (response.status_code, response.json()["error"]["code"]) == (403, "csrf_failed")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_staff_who_miss_a_page_of_an_admin_see_a_page(staff: Persona, prefix: str) -> None:
    browser = new_client()
    assert post_login(browser, prefix, staff.email).status_code == 302

    page = browser.get(f"/{prefix}/admin/nope", headers={"Accept": "text/html,*/*;q=0.8"})
    answer = browser.get(f"/{prefix}/admin/nope", headers={"Accept": "application/json"})

    assert (page.status_code, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert f"There is nothing at /{prefix}/admin/nope." in page.text
    assert failure_of(answer) == (404, "not_found")


@pytest.mark.parametrize("prefix", PREFIXES)
def test_guessing_at_an_admins_form_is_limited_for_everybody_who_guesses(
    anonymous: Client, bob: Persona, prefix: str
) -> None:
    for _ in range(5):
        wrong = post_login(anonymous, prefix, bob.email.replace("bob", "nobody"))
        assert wrong.status_code == 200

    response = post_login(anonymous, prefix, bob.email.replace("bob", "nobody"))

    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) >= 1
    assert "throttled" in response.text


@pytest.mark.parametrize("prefix", PREFIXES)
def test_an_account_that_is_gone_is_out_of_every_admin(anonymous: Client, stack: LocalStack, prefix: str) -> None:
    email = f"leaver-{uuid4().hex[:12]}@example.com"
    stack.create_superuser(email, PASSWORD)
    assert post_login(anonymous, prefix, email).status_code == 302
    index = f"/{prefix}/admin/"
    assert anonymous.get(index, allow_redirects=False).status_code == 200

    leaver = new_client(login(email)["access_token"])
    assert leaver.delete("/auth/me", json={"password": PASSWORD}).status_code == 202

    eventually(lambda: anonymous.get(index, allow_redirects=False).status_code == 302, within=10)
