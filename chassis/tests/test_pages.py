from __future__ import annotations

import re

import pytest
from chassis.middleware import CONTENT_SECURITY_POLICY
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from chassis import VERSION


def test_the_api_document_is_json_and_may_be_kept_for_a_minute() -> None:
    response = Client().get("/schema")

    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert response.json()["info"] == {"title": "Notes service", "version": VERSION}
    assert "/notes" in response.json()["paths"]


def test_the_page_of_the_api_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    response = Client().get("/docs")
    page = response.content.decode()

    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert not re.search(r"<style|<script>|style=|\son\w+=", page)
    assert set(re.findall(r'(?:src|href)="([^/"]*/)', page)) == {"/"}
    assert 'data-schema="/schema"' in page


@pytest.mark.django_db
def test_the_admin_has_nothing_inline() -> None:
    response = Client().get("/admin/login/")

    assert response.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert not re.search(r"<style|<script>|style=|\son\w+=", response.content.decode())


@pytest.mark.django_db
def test_an_api_call_reads_no_session(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    browser = Client()
    browser.cookies["sessionid"] = "a" * 32

    with django_assert_num_queries(0):
        assert browser.get("/schema").status_code == 200


def test_what_is_no_page_has_no_policy() -> None:
    assert "Content-Security-Policy" not in Client().get("/schema").headers
