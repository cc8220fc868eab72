"""Stacks for the tests of the local stack."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from local.tests.installation import Installation


@pytest.fixture
def installation() -> Iterator[Installation]:
    """A stack that has never run."""
    made = Installation()
    try:
        yield made
    finally:
        made.remove()
