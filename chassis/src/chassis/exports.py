"""A person's own data (GDPR, articles 15 and 20) as JSON Lines: as long as it is, in memory for a few rows."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any

from django.db import transaction
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.views import APIView

from chassis.db.locks import try_lock
from chassis.db.rows import BoundQuery
from chassis.exceptions import ServiceUnavailable
from chassis.metrics.instruments import limit_refusals
from chassis.operations import Operation
from chassis.renderers import BareJSONRenderer, dumps
from chassis.serializers import RowSerializer

MEDIA_TYPE = "application/x-ndjson"
EXPORT = Operation(
    "Export",
    description="JSON Lines: one object a line, whose `type` says what it is. One export of an account runs at a time.",
    errors=(Throttled,),
    response=OpenApiTypes.STR,
    media_type=MEDIA_TYPE,
)
RETRY_AFTER = 5
# The gateway does not hold an answer of this length, so a slow reader keeps a thread. A process has four by default.
places = BoundedSemaphore(2)


@dataclass(frozen=True)
class Part:
    """The rows of one kind in an export, which its name says in each line's `type`."""

    name: str
    serializer: type[RowSerializer[Any]]
    rows: BoundQuery

    def lines(self) -> Iterator[bytes]:
        """Yield the lines, some at a time."""
        for rows in self.rows.stream():
            yield b"".join(dumps({"type": self.name, **row}) + b"\n" for row in self.serializer.of_rows(rows))


def example_of(**rows: Mapping[str, Any]) -> OpenApiExample:
    """Return an example for the documentation: a line for each row, which is given by its type."""
    lines = [dumps({"type": type_, **row}).decode() + "\n" for type_, row in rows.items()]
    return OpenApiExample("An export", "".join(lines), response_only=True, media_type=MEDIA_TYPE)


class ExportView(APIView):
    """The caller's own rows, which `get_parts` names; an answer that breaks off has no last chunk (RFC 9112)."""

    renderer_classes = (BareJSONRenderer,)
    # As the service's own authentication makes it.
    request: Any

    def get_parts(self) -> Iterable[Part]:
        """Return the parts of the export."""
        raise NotImplementedError

    def get(self, request: Request) -> StreamingHttpResponse:
        lines = self._lines()
        # Up to its first `yield`, so that errors until then have a status.
        next(lines)
        return StreamingHttpResponse(lines, content_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})

    def _lines(self) -> Iterator[bytes]:
        """Yield an empty chunk when the first lines are there, then all; raise Throttled or ServiceUnavailable."""
        with transaction.atomic():
            if not try_lock(f"export of {self.request.user.id}"):
                limit_refusals.labels("export").inc()
                raise Throttled(RETRY_AFTER, "An export of this account is running; one runs at a time.")
            with _place(), closing(self._portions()) as portions:
                first = next(portions, b"")
                yield b""
                yield first
                yield from portions

    def _portions(self) -> Generator[bytes]:
        for part in self.get_parts():
            yield from part.lines()


@contextmanager
def _place() -> Iterator[None]:
    """Hold one of the process's places within the block; raise ServiceUnavailable if there is none."""
    if not places.acquire(blocking=False):
        raise ServiceUnavailable("Other exports are running; try again shortly.")
    try:
        yield
    finally:
        places.release()
