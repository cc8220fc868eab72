"""What commands refuse in one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from local.errors import StackError


@contextmanager
def refused(*words: str) -> Iterator[None]:
    """Expect a StackError of one line with these words."""
    with pytest.raises(StackError) as raised:
        yield
    message = str(raised.value.code)
    assert [word for word in words if word not in message] == [], message
    assert "\n" not in message
