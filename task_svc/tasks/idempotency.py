"""A repeated POST with the same Idempotency-Key is answered from memory instead of done again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import orjson
from chassis.authentication import AuthenticatedRequest
from chassis.exceptions import Conflict, ValidationError
from chassis.renderers import dumps
from django.db import connection, transaction
from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from tasks.models import IdempotencyKey
from tasks.quotas import check_keys

KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = ("ETag", "Location")


class RequestInFlight(Conflict):
    """The first request with this key has not finished; ask again in a moment."""

    default_detail = "A request with this Idempotency-Key is still being handled."
    default_code = "request_in_flight"
    wait = 1


class IdempotencyKeyReused(APIException):
    """The key belongs to another request."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This Idempotency-Key was used for a request with another body or address."
    default_code = "idempotency_key_reused"


def once(request: AuthenticatedRequest, act: Callable[[], Response]) -> Response:
    """Answer a POST by `act`, or by its remembered reply if its Idempotency-Key has been seen in the last 24 hours.

    Key, reply and rows commit in one transaction; whatever `act` raises leaves no trace. The advisory lock ends with
    the transaction, however that ends.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return act()
    if not (1 <= len(key) <= 255 and key.isascii() and key.isprintable()):
        raise ValidationError({"Idempotency-Key": ["A key is 1 to 255 printable ASCII characters."]})
    fingerprint = hashlib.sha256(orjson.dumps([request.path, request.data], option=orjson.OPT_SORT_KEYS)).digest()
    with transaction.atomic():
        _lock(request.user.id.hex + key)
        known = IdempotencyKey.objects.filter(user_id=request.user.id, key=key)
        known.filter(expires_at__lte=timezone.now()).delete()
        reply = known.first()
        if reply is not None:
            if bytes(reply.fingerprint) != fingerprint:
                raise IdempotencyKeyReused
            return Response(
                orjson.loads(reply.body or "null"),
                reply.status,
                headers={**reply.headers, "Idempotency-Replayed": "true"},
            )
        check_keys(request.user.id)
        response = act()
        IdempotencyKey.objects.create(
            user_id=request.user.id,
            key=key,
            fingerprint=fingerprint,
            status=response.status_code,
            headers={name: response.headers[name] for name in KEPT_HEADERS if name in response.headers},
            # As text: the database would sort an object's keys, and the reply must not change in a byte.
            body=dumps(response.data).decode(),
            expires_at=timezone.now() + KEPT_FOR,
        )
        return response


def _lock(name: str) -> None:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise RequestInFlight
