"""Which bodies of requests are read, and how the others are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from chassis.testing import JSONClient, failure_of


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a", "text/json"]
)
def test_a_body_that_is_no_json_by_name_is_a_415(client: JSONClient, media_type: str) -> None:
    assert failure_of(client.post("/echo", "a=b", media_type)) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{}{}",
        b" ",
        b"\x00",
        b"\xff",
        b"\xef\xbb\xbf{}",
        b"NaN",
        b"1e999",
        b'{"a": Infinity}',
        b"{'a': 1}",
        b'{"a": 1,}',
        b"// no\n{}",
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'"\xed\xa0\x80"',
        b'"a\nb"',
        b"[" * 100_000,
        b"[" * 2_000 + b"]" * 2_000,
        b"[" * 21 + b"]" * 21,
        b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
        "{}".encode("utf-16"),
    ],
    ids=lambda body: repr(body[:16]),
)
def test_malformed_json_is_a_400(client: JSONClient, body: bytes) -> None:
    assert failure_of(client.post("/echo", body)) == (400, "malformed_json")


@pytest.mark.parametrize(
    "body",
    [{"a": "😀"}, {"a": 2**63}, {"": None}, [], [[1, 2.5, True]], [[[[{"a": [[[[[[[]]]]]]]}]]]], "text", 5, None],
    ids=repr,
)
def test_any_json_is_read(client: JSONClient, body: Any) -> None:
    response = client.generic("POST", "/echo", json.dumps(body), "application/json")

    assert (response.status_code, response.json()["data"]) == (201, body)


@pytest.mark.parametrize("media_type", ["application/json", "application/json; charset=utf-8", "text/plain"])
def test_no_body_is_an_empty_object(client: JSONClient, media_type: str) -> None:
    response = client.generic("POST", "/echo", b"", media_type)

    assert (response.status_code, response.json()["data"]) == (201, {})


def test_an_empty_chunked_body_is_an_empty_object(client: JSONClient) -> None:
    response = client.generic("POST", "/echo", b"", "application/json", HTTP_TRANSFER_ENCODING="chunked")

    assert response.json()["data"] == {}


def test_a_body_of_the_allowed_size_is_read(client: JSONClient) -> None:
    body = b'"' + b"a" * (1024 * 1024 - 2) + b'"'

    assert client.post("/echo", body).status_code == 201


def test_a_body_beyond_the_allowed_size_is_a_413(client: JSONClient) -> None:
    body = b'"' + b"a" * (1024 * 1024 - 1) + b'"'

    assert failure_of(client.post("/echo", body)) == (413, "payload_too_large")


def test_a_body_that_says_it_is_too_large_is_not_read(client: JSONClient) -> None:
    response = client.post("/nowhere", {}, CONTENT_LENGTH=str(10**12))

    assert failure_of(response) == (413, "payload_too_large")


@pytest.mark.parametrize("length", ["", "-5", "ten", "1e3"])
def test_a_length_that_is_none_is_no_crash(client: JSONClient, length: str) -> None:
    assert client.post("/echo", {}, CONTENT_LENGTH=length).status_code in (201, 400)
