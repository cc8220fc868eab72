from __future__ import annotations

import re

import pytest
from chassis.pages import POLICY
from django.test import Client


def test_the_api_document_is_json_and_may_be_kept_for_a_minute() -> None:
    response = Client().get("/schema")

    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert response.json()["info"]["title"] == "Notes service"
    assert "/notes" in response.json()["paths"]


def test_the_page_of_the_api_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    response = Client().get("/docs")
    page = response.content.decode()

    assert response.headers["Content-Security-Policy"] == POLICY
    assert not re.search(r"<style|<script>|style=|\son\w+=", page)
    assert set(re.findall(r'(?:src|href)="([^/"]*/)', page)) == {"/"}
    assert 'data-schema="/schema"' in page


@pytest.mark.django_db
def test_the_admin_has_nothing_inline() -> None:
    response = Client().get("/admin/login/")

    assert response.headers["Content-Security-Policy"] == POLICY
    assert not re.search(r"<style|<script>|style=|\son\w+=", response.content.decode())


@pytest.mark.django_db
def test_only_pages_have_sessions_and_messages() -> None:
    page = Client().get("/admin/login/").wsgi_request
    answer = Client().get("/schema").wsgi_request

    assert {"session", "_messages"} <= vars(page).keys()
    assert not {"session", "_messages"} & vars(answer).keys()


def test_what_is_no_page_has_no_policy() -> None:
    assert "Content-Security-Policy" not in Client().get("/schema").headers
