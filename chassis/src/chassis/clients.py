"""Calling another service: bounded in time and size, retried at most once, and never trusted further than JSON."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import requests
from django.db import connection
from requests.adapters import HTTPAdapter
from urllib3.exceptions import DecodeError, HTTPError, NewConnectionError

from chassis.circuits import CircuitBreaker, CircuitOpen, UnusableAnswer
from chassis.contracts import REQUEST_ID_HEADER, SERVICE_KEY_HEADER
from chassis.deadlines import DeadlineConnectionPool, deadline_in, seconds_left
from chassis.exceptions import ServiceUnavailable
from chassis.logging import request_id
from chassis.metrics.instruments import call_durations
from chassis.tracing import call_span

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = 0.5
# Between two attempts to connect to a service that restarts.
REFUSED_PAUSE = 0.05
# Longer would hold every thread of a process in an outage.
REFUSED_PATIENCE = 0.5
# For a call as a whole: its waiting, its repetition, and every byte of its answer.
CALL_TIMEOUT = 2.5
# More than the largest page of any service, which is a mebibyte of rows.
MAX_BYTES = 2 * 1024 * 1024
_max_age = re.compile(r"\bmax-age=(\d{1,6})\b").search


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of another service: a status below 500, its headers and its JSON."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def code(self) -> str | None:
        """The `error.code` of a failure in our own shape, else None."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        return error.get("code") if isinstance(error, dict) else None

    @property
    def max_age(self) -> int:
        """For how many seconds the answer may be remembered (RFC 9111, section 5.2.2.1); 0 if it does not say."""
        allowed = _max_age(self.headers.get("Cache-Control", ""))
        return int(allowed[1]) if allowed else 0


class ServiceClient:
    """Calls one other service over keep-alive connections, one a thread, made after the fork.

    Whatever is not an answer (refused, timed out, 5xx, a redirect, not JSON, too large) is ServiceUnavailable, within
    CALL_TIMEOUT. Every call may be repeated once on a broken connection, so callers use it for idempotent requests
    only; one whose connection is refused has not been sent, and waits for a service that may just be restarting.
    """

    def __init__(self, name: str, base_url: str, service_key: str) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/")
        self.service_key = service_key
        self._local = threading.local()
        self._breaker = CircuitBreaker()

    def call(self, method: str, path: str, *, json: Any = None, params: Any = None, token: str | None = None) -> Answer:
        """Send a request as this service, with the caller's token where one is given; never in a transaction."""
        if in_transaction():
            raise RuntimeError(f"{self.name} is called in a transaction, whose locks would be held until it answers.")
        started = time.perf_counter()
        outcome = "unavailable"
        try:
            request = self._prepare(method, path, json, params, token)
            with call_span(self.name, request) as answered, deadline_in(CALL_TIMEOUT), self._breaker.guard():
                answer = self._send(request)
                answered(answer.status)
            if answer.status < 500:
                outcome = "answered"
        except CircuitOpen as error:
            outcome = "refused"
            raise self._unavailable() from error
        # Failures while a body is read are urllib3's own exceptions.
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            logger.warning("%s is unavailable: %s", self.name, type(error).__name__)
            raise self._unavailable() from error
        finally:
            call_durations.labels(self.name, outcome).observe(time.perf_counter() - started)
        if answer.status >= 500:
            logger.warning("%s is unavailable: it says so itself", self.name)
            raise self._unavailable()
        return answer

    def _unavailable(self) -> ServiceUnavailable:
        return ServiceUnavailable(f"{self.name} is unavailable; try again shortly.")

    def unusable_answer(self) -> ServiceUnavailable:
        """Return the exception for an answer that is not what this service documents."""
        return ServiceUnavailable(f"{self.name} gave no usable answer; try again shortly.")

    def _prepare(self, method: str, path: str, json: Any, params: Any, token: str | None) -> requests.PreparedRequest:
        headers = {SERVICE_KEY_HEADER: self.service_key, "Accept": "application/json"}
        identifier = request_id.get()
        if identifier:
            headers[REQUEST_ID_HEADER] = identifier
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if json is not None:
            headers["Content-Type"] = "application/json"
        data = orjson.dumps(json) if json is not None else None
        return requests.Request(method, self.base_url + path, headers=headers, params=params, data=data).prepare()

    def _send(self, request: requests.PreparedRequest) -> Answer:
        """Send a request; for REFUSED_PATIENCE again while connections are refused, as they are in a restart."""
        broken = False
        patient_until = time.monotonic() + REFUSED_PATIENCE
        while True:
            try:
                return self._exchange(request)
            except requests.ConnectionError as error:
                refused = _is_refused(error)
                # A timeout is not repeated, and a broken connection once: they have used the caller's patience already.
                if isinstance(error, requests.Timeout) or (broken and not refused):
                    raise
                if refused and time.monotonic() > patient_until:
                    raise
                broken = broken or not refused
                if refused:
                    # Not an event that could be awaited: a port that listens announces itself to nobody.
                    time.sleep(min(REFUSED_PAUSE, seconds_left()))

    def _exchange(self, request: requests.PreparedRequest) -> Answer:
        # A repetition has only what the first try left of the caller's patience.
        timeout = (min(CONNECT_TIMEOUT, seconds_left()), seconds_left())
        with self._transport().send(request, timeout=timeout, stream=True) as response:
            status = response.status_code
            if 300 <= status < 400 or (status >= 500 and status != ServiceUnavailable.status_code):
                raise UnusableAnswer(f"status {status}")
            answer = Answer(status, response.headers, _read_json(response))
        # A service that says itself that a part of it is unavailable lives, and says so at once: only this one request
        # has failed. It may have been refused for a reason of its own, such as a limit that other requests do not meet.
        if status >= 500 and answer.code != ServiceUnavailable.default_code:
            raise UnusableAnswer(f"status {status}")
        return answer

    def _transport(self) -> HTTPAdapter:
        # An adapter is a Session without what must not touch a call: the environment's proxies and .netrc, cookies of
        # other answers, redirects (whose bodies a Session reads without any limit).
        transport: HTTPAdapter | None = getattr(self._local, "transport", None)
        if transport is None:
            transport = self._local.transport = HTTPAdapter()
            manager = transport.poolmanager
            manager.pool_classes_by_scheme = manager.pool_classes_by_scheme | {"http": DeadlineConnectionPool}
        return transport


def in_transaction() -> bool:
    """Return whether this thread is in a transaction; one around a whole test is none."""
    # `atomic(durable=True)` looks at the same, but opens a transaction.
    blocks: Iterable[Any] = connection.atomic_blocks
    return any(not block._from_testcase for block in blocks)


def _is_refused(error: requests.ConnectionError) -> bool:
    """Return whether there was no connection, so that nothing was sent."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(cause, NewConnectionError) and isinstance(cause.__cause__, ConnectionRefusedError)


def _read_json(response: requests.Response) -> Any:
    content = bytearray()
    try:
        # Read what has come, not a full buffer, so that no more than the limit is ever unpacked.
        while chunk := response.raw.read1(65536, decode_content=True):
            content += chunk
            if len(content) > MAX_BYTES:
                raise UnusableAnswer("the answer is too large")
        return orjson.loads(content) if content else None
    except (DecodeError, orjson.JSONDecodeError) as error:
        raise UnusableAnswer("the answer is not JSON") from error
