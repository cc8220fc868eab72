"""Calling another service: bounded in time and size, retried at most once, and never trusted further than JSON."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import orjson
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from chassis.contracts import REQUEST_ID_HEADER, SERVICE_KEY_HEADER
from chassis.exceptions import ServiceUnavailable
from chassis.logging import request_id

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = 0.5
READ_TIMEOUT = 2.0
# More than the largest page of any service: 100 rows whose every character is escaped.
MAX_BYTES = 8 * 1024 * 1024
FAILURE_MEMORY = 1.0
# How long the others wait for the request that tries after an outage: longer than an answer takes, too short to hold
# the threads of a process up if there is still none.
TRIAL_PATIENCE = 0.25
_max_age = re.compile(r"\bmax-age=(\d{1,6})\b").search


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other service said: a status below 500, its headers and its JSON."""

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

    Whatever is not an answer (refused, timed out, 5xx, a redirect, not JSON, too large) is ServiceUnavailable. After
    that the process answers from memory for FAILURE_MEMORY seconds; then one request tries, and the others go on with
    it if it is answered within TRIAL_PATIENCE.
    Every call may be repeated once on a broken connection, so callers use it for idempotent requests only.
    """

    def __init__(self, name: str, base_url: str, service_key: str) -> None:
        self.name = name
        self.base_url = base_url.rstrip("/")
        self.service_key = service_key
        self._local = threading.local()
        self._changed = threading.Condition()
        self._failing = False
        self._retry_at = 0.0
        self._trying = False
        self._patience_ends = 0.0

    def call(self, method: str, path: str, *, json: Any = None, params: Any = None, token: str | None = None) -> Answer:
        """Send a request as this service, with the caller's token where one is given."""
        self._check_failing()
        try:
            answer = self._send(method, path, json, params, token)
        # What breaks while a body is read comes as urllib3's own exceptions.
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            self._note(failing=True)
            logger.warning("%s is unavailable: %s", self.name, type(error).__name__)
            raise ServiceUnavailable(f"{self.name} is unavailable; try again shortly.") from error
        self._note(failing=False)
        return answer

    def _check_failing(self) -> None:
        with self._changed:
            if self._trying:
                self._changed.wait_for(lambda: not self._trying, self._patience_ends - monotonic())
            if not self._failing:
                return
            now = monotonic()
            if now < self._retry_at:
                raise ServiceUnavailable(f"{self.name} is unavailable; try again shortly.")
            # This request tries for all.
            self._trying = True
            self._patience_ends = now + TRIAL_PATIENCE
            self._retry_at = now + CONNECT_TIMEOUT + READ_TIMEOUT

    def _note(self, *, failing: bool) -> None:
        with self._changed:
            self._failing = failing
            self._retry_at = monotonic() + FAILURE_MEMORY
            self._trying = False
            self._changed.notify_all()

    def _send(self, method: str, path: str, json: Any, params: Any, token: str | None) -> Answer:
        headers = {SERVICE_KEY_HEADER: self.service_key, "Accept": "application/json"}
        identifier = request_id.get()
        if identifier:
            headers[REQUEST_ID_HEADER] = identifier
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if json is not None:
            headers["Content-Type"] = "application/json"
        request = requests.Request(
            method,
            self.base_url + path,
            headers=headers,
            params=params,
            data=orjson.dumps(json) if json is not None else None,
        ).prepare()
        deadline = monotonic() + CONNECT_TIMEOUT + READ_TIMEOUT
        try:
            return self._exchange(request, deadline)
        except requests.ConnectionError as error:
            # A timeout is not repeated: it has used the caller's patience already.
            if isinstance(error, requests.Timeout):
                raise
            return self._exchange(request, deadline)

    def _exchange(self, request: requests.PreparedRequest, deadline: float) -> Answer:
        # A repetition has only what the first try left of the caller's patience.
        timeout = (CONNECT_TIMEOUT, max(0.001, min(READ_TIMEOUT, deadline - monotonic())))
        with self._transport().send(request, timeout=timeout, stream=True) as response:
            if response.status_code >= 500 or 300 <= response.status_code < 400:
                raise ValueError(f"status {response.status_code}")
            content = bytearray()
            # Read what has come, not a full buffer: a body that drips must still meet the deadline.
            while chunk := response.raw.read1(65536, decode_content=True):
                content += chunk
                if len(content) > MAX_BYTES:
                    raise ValueError("the answer is too large")
                if monotonic() > deadline:
                    raise requests.Timeout("the answer is too slow")
            body = orjson.loads(content) if content else None
            return Answer(response.status_code, response.headers, body)

    def _transport(self) -> HTTPAdapter:
        # An adapter is a Session without what must not touch a call: the environment's proxies and .netrc, cookies of
        # other answers, redirects (whose bodies a Session reads without any limit).
        transport: HTTPAdapter | None = getattr(self._local, "transport", None)
        if transport is None:
            transport = self._local.transport = HTTPAdapter()
        return transport
