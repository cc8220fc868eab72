"""An endpoint described once: the message of its answer and its entry in the API documentation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rest_framework.exceptions import APIException


@dataclass(frozen=True)
class Operation:
    """One method of a view.

    `summary` titles it in the documentation, `message` is what a successful answer says, `description` is for
    readers of the API, `errors` are the exceptions it answers with beyond those that every view can raise,
    `request` and `response` the serializers where they are not the view's own, `bodyless_statuses` its answers without
    a body, `headers` those of its successes beside the ones of every answer, `media_type` theirs where it is not
    JSON, and `id`, a verb, its name in generated clients.
    """

    summary: str
    message: str = "OK"
    description: str = ""
    status: int = 200
    errors: tuple[type[APIException], ...] = ()
    parameters: tuple[Any, ...] = ()
    examples: tuple[Any, ...] = ()
    request: Any = None
    response: Any = None
    takes_body: bool = True
    gives_data: bool = True
    bodyless_statuses: dict[int, str] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    media_type: str = ""
    id: str = ""


def operation_of(view: Any, method: str) -> Operation:
    """Return what a view declares for an HTTP method; HEAD is GET."""
    operations: dict[str, Operation] = getattr(view, "operations", {})
    return operations.get("GET" if method == "HEAD" else method, Operation(summary=method))
