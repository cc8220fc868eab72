"""Clients that go on writing while something breaks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from tests.conftest import Persona, failure_of, new_client
from tests.waiting import eventually


class Writer:
    """A client that goes on making tasks, and knows which ones it was told were made."""

    def __init__(self, persona: Persona) -> None:
        self.persona = persona
        self.acknowledged: list[str] = []
        self.statuses: set[int] = set()
        self.unanswered = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def _write(self) -> None:
        client = new_client(self.persona.token)
        number = 0
        while not self._stop.is_set():
            number += 1
            try:
                response = client.post("/tasks", json={"title": f"task {number}"}, timeout=30)
            except requests.RequestException:
                self.unanswered += 1
                continue
            self.statuses.add(response.status_code)
            if response.status_code == 201:
                self.acknowledged.append(response.json()["data"]["id"])
            else:
                failure_of(response)
        client.close()

    def stored(self) -> set[str]:
        ids: set[str] = set()
        url = "/tasks?page_size=100"
        while url:
            body = self.persona.client.get(url).json()
            ids |= {task["id"] for task in body["data"]}
            url = body["meta"]["next"]
        return ids


@contextmanager
def writing(persona: Persona) -> Iterator[Writer]:
    writer = Writer(persona)
    writer._thread.start()
    try:
        eventually(lambda: len(writer.acknowledged) > 3, within=20)
        yield writer
    finally:
        writer._stop.set()
        writer._thread.join()
