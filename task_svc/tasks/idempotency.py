"""A repeated POST with the same Idempotency-Key is answered from memory instead of done again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import orjson
from chassis.authentication import AuthenticatedRequest
from chassis.db.constraints import violated_constraint
from chassis.db.locks import try_lock
from chassis.exceptions import Conflict
from chassis.idempotency import idempotency_key
from chassis.renderers import dumps
from django.db import IntegrityError, transaction
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


def idempotent(request: AuthenticatedRequest, check: Callable[[], None], handler: Callable[[], Response]) -> Response:
    """Answer a POST by `handler`, or by its stored reply if its Idempotency-Key has been seen in the last 24 hours.

    Key, reply and rows commit in one transaction; an exception of `handler` leaves no trace. The advisory lock ends
    with the transaction, however that ends. `check` comes before the transaction, so it may call other services; a
    request that is known is not checked again.
    """
    key = idempotency_key(request)
    if key is None:
        check()
        return handler()
    fingerprint = hashlib.sha256(orjson.dumps([request.path_info, request.data], option=orjson.OPT_SORT_KEYS)).digest()
    known = IdempotencyKey.objects.filter(user_id=request.user.id, key=key)
    reply = known.filter(expires_at__gt=timezone.now()).first()
    if reply is not None:
        return _replay(reply, fingerprint)
    check()
    try:
        with transaction.atomic():
            if not try_lock(f"{request.user.id} {key}"):
                raise RequestInFlight
            known.filter(expires_at__lte=timezone.now()).delete()
            reply = known.first()
            if reply is not None:
                return _replay(reply, fingerprint)
            check_keys(request.user.id)
            response = handler()
            _store(request, key, fingerprint, response)
            return response
    except IntegrityError as error:
        # Another release may lock a key by another number.
        if violated_constraint(error) != "idempotency_key_unique":
            raise
        raise RequestInFlight from error


def _store(request: AuthenticatedRequest, key: str, fingerprint: bytes, response: Response) -> None:
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
    # Only a new key adds a row, so expired ones never pile up.
    IdempotencyKey.objects.delete_some_expired()


def _replay(reply: IdempotencyKey, fingerprint: bytes) -> Response:
    if bytes(reply.fingerprint) != fingerprint:
        raise IdempotencyKeyReused
    headers = {**reply.headers, "Idempotency-Replayed": "true"}
    return Response(orjson.loads(reply.body or "null"), reply.status, headers=headers)
