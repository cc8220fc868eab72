"""Caddy's metrics count each request to the gateway once, also those that the gateway answers itself."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
import requests

from local.config import Config
from tests.conftest import new_client


def counted(method: str) -> int:
    text = requests.get(f"http://{Config().metrics_addresses()['gateway']}/metrics", timeout=10).text
    series = rf'^caddy_http_request_duration_seconds_count{{.*method="{method}".*}} (\d+)$'
    return sum(int(count) for count in re.findall(series, text, re.MULTILINE))


@pytest.mark.parametrize("path", ["/tasks/labels", "/nowhere", "/auth/static/admin/css/base.css", "/docs", "/health"])
def test_a_request_is_counted_once(path: str, stack: object) -> None:
    # No other test sends this method, and nobody else.
    with new_client() as client:
        counts = [counted("TRACE")]
        for _ in range(3):
            client.request("TRACE", path)
            counts.append(counted("TRACE"))

    assert [after - before for before, after in pairwise(counts)] == [1, 1, 1]
