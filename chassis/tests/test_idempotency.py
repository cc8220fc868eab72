from __future__ import annotations

import pytest
from chassis.testing import JSONClient, failure_of


@pytest.mark.parametrize("key", [None, "k", "k" * 255])
def test_a_request_has_a_key_or_none(client: JSONClient, key: str | None) -> None:
    headers = {} if key is None else {"Idempotency-Key": key}

    assert client.post("/key", headers=headers).json()["data"] == key


@pytest.mark.parametrize("key", ["", "k" * 256, "\xe9", "a\tb"], ids=["empty", "long", "not ASCII", "not printable"])
def test_what_is_no_key_is_refused(client: JSONClient, key: str) -> None:
    response = client.post("/key", headers={"Idempotency-Key": key})

    assert failure_of(response) == (400, "validation_error")
    assert list(response.json()["error"]["details"]) == ["Idempotency-Key"]
