"""GET /tasks/{id}, with If-None-Match."""

from __future__ import annotations

from uuid import uuid4

import pytest
from chassis.testing import JSONClient, Persona, failure_of

from tests.acts import make_task

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("prefix", ["/tasks", "/tasks/tasks"])
class TestBothAPIs:
    def test_a_task_is_shown_with_its_tag(self, alice: Persona, prefix: str) -> None:
        task = make_task(alice)

        response = alice.client.get(f"{prefix}/{task['id']}")

        assert response.status_code == 200
        assert response.headers["ETag"] == '"1"'
        body = response.json()
        assert body.get("data", body)["id"] == task["id"]

    def test_bob_cannot_see_alices_task(self, alice: Persona, bob: Persona, prefix: str) -> None:
        task = make_task(alice)

        assert failure_of(bob.client.get(f"{prefix}/{task['id']}")) == (404, "not_found")

    def test_an_unknown_task_is_answered_like_a_strangers(self, alice: Persona, bob: Persona, prefix: str) -> None:
        task = make_task(alice)

        strangers = bob.client.get(f"{prefix}/{task['id']}").json()
        unknown = bob.client.get(f"{prefix}/{uuid4()}").json()

        assert unknown | {"request_id": ""} == strangers | {"request_id": ""}

    def test_anonymous_sees_nothing(self, alice: Persona, anonymous: JSONClient, prefix: str) -> None:
        task = make_task(alice)

        assert failure_of(anonymous.get(f"{prefix}/{task['id']}")) == (401, "not_authenticated")

    def test_who_holds_the_current_version_is_told_so(self, alice: Persona, prefix: str) -> None:
        task = make_task(alice)

        response = alice.client.get(f"{prefix}/{task['id']}", headers={"If-None-Match": '"1"'})

        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["ETag"] == '"1"'

    def test_head_answers_like_get_without_a_body(self, alice: Persona, prefix: str) -> None:
        task = make_task(alice)

        response = alice.client.head(f"{prefix}/{task['id']}")

        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["ETag"] == '"1"'

    @pytest.mark.parametrize("task_id", ["1", "none", "0" * 32, "x" * 36])
    def test_what_is_no_id_is_not_found(self, alice: Persona, prefix: str, task_id: str) -> None:
        assert failure_of(alice.client.get(f"{prefix}/{task_id}")) == (404, "not_found")


def test_staff_cannot_see_alices_task_in_the_account_api(alice: Persona, staff: Persona) -> None:
    task = make_task(alice)

    assert failure_of(staff.client.get(f"/tasks/{task['id']}")) == (404, "not_found")


def test_a_tag_held_before_a_change_is_not_current_after_it(alice: Persona) -> None:
    task = make_task(alice)
    alice.client.patch(f"/tasks/{task['id']}", {"title": "new"})

    response = alice.client.get(f"/tasks/{task['id']}", headers={"If-None-Match": '"1"'})

    assert (response.status_code, response.headers["ETag"]) == (200, '"2"')


def test_a_trailing_slash_is_tolerated(alice: Persona) -> None:
    task = make_task(alice)

    assert alice.client.get(f"/tasks/{task['id']}/").json()["data"] == task
