"""What the end-to-end tests run: `python workflows.py NAME`."""

from __future__ import annotations

import os
import sys
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID, uuid4

from task_manager_client import AuthenticatedClient, Client
from task_manager_client.api.account import register
from task_manager_client.api.profile import get_profile
from task_manager_client.api.tasks import create_task, create_tasks, list_tasks, patch_task
from task_manager_client.api.tasks_by_id import (
    create_task_resource,
    delete_task_resource,
    get_task_resource,
    list_task_resources,
    update_task_resource,
)
from task_manager_client.api.tokens import login
from task_manager_client.api.users_by_id import create_user, delete_user, get_user, get_user_with_tasks, update_user
from task_manager_client.models import (
    ListTaskResourcesStatus,
    LoginRequest,
    NewTaskResourceRequest,
    NotFoundCode,
    NotFoundFailure,
    OwnProfileEnvelope,
    PatchedTaskRequest,
    PatchedTaskResourceRequest,
    PatchedUserRequest,
    PreconditionFailedCode,
    PreconditionFailedFailure,
    RegisterRequest,
    StatusEnum,
    TaskEnvelope,
    TaskPage,
    TaskRequest,
    TaskResource,
    ThrottledCode,
    ThrottledFailure,
    TokenPairEnvelope,
    User,
    UserRequest,
    UserTasks,
)
from task_manager_client.types import UNSET, Response, Unset

T = TypeVar("T")
URL = os.environ["GATEWAY_URL"]
PASSWORD = "correct horse battery"
ANONYMOUS = Client(URL)


def is_a(kind: type[T], answer: object) -> T:
    """Return an answer that is of the kind expected."""
    assert isinstance(answer, kind), answer
    return answer


def new_email() -> str:
    return f"{uuid4()}@example.com"


def sign_in(email: str) -> AuthenticatedClient:
    registered = register.sync_detailed(client=ANONYMOUS, body=RegisterRequest(email, PASSWORD))
    assert registered.status_code == HTTPStatus.CREATED
    tokens = is_a(TokenPairEnvelope, login.sync(client=ANONYMOUS, body=LoginRequest(email, PASSWORD)))
    return AuthenticatedClient(URL, tokens.data.access_token)


def accounts() -> None:
    email = new_email()
    client = sign_in(email)
    body = TaskRequest("My Task", description="Task description")
    created = create_task.sync_detailed(client=client, body=body)
    assert created.status_code == HTTPStatus.CREATED
    assert is_a(TaskEnvelope, created.parsed).data.description == "Task description"
    profile = is_a(OwnProfileEnvelope, get_profile.sync(client=client)).data
    assert profile.email == email
    assert profile.profile_created is False


def resources() -> None:
    client = sign_in(new_email())
    user = is_a(User, create_user.sync(client=client, body=UserRequest("Alice", "alice@example.com")))
    body = NewTaskResourceRequest(user.id, "Buy milk", description="2% organic")
    task = is_a(TaskResource, create_task_resource.sync(client=client, body=body))
    assert task.status == StatusEnum.PENDING
    assert list_task_resources.sync(client=client, user_id=user.id) == [task]
    completed = ListTaskResourcesStatus.COMPLETED
    assert list_task_resources.sync(client=client, user_id=user.id, status=completed) == []
    combined = is_a(UserTasks, get_user_with_tasks.sync(user.id, client=client))
    assert combined.to_dict() == {"user": user.to_dict(), "tasks": [task.to_dict()], "degraded": False}

    change = PatchedTaskResourceRequest(status=StatusEnum.COMPLETED)
    assert is_a(TaskResource, update_task_resource.sync(task.id, client=client, body=change)).title == "Buy milk"
    renamed = is_a(User, update_user.sync(user.id, client=client, body=PatchedUserRequest(name="Alicia")))
    assert renamed.email == "alice@example.com"
    assert delete_task_resource.sync_detailed(task.id, client=client).status_code == HTTPStatus.NO_CONTENT
    missing = is_a(NotFoundFailure, get_task_resource.sync(task.id, client=client))
    assert missing.error.code == NotFoundCode.NOT_FOUND
    assert delete_user.sync_detailed(user.id, client=client).status_code == HTTPStatus.NO_CONTENT
    is_a(NotFoundFailure, get_user.sync(user.id, client=client))


def paging() -> None:
    client = sign_in(new_email())
    titles = {"one", "two", "three", "four", "five"}
    create_tasks.sync(client=client, body=[TaskRequest(title) for title in titles])
    seen: list[str] = []
    cursor: str | Unset | None = UNSET
    while cursor is not None:
        page = is_a(TaskPage, list_tasks.sync(client=client, page_size=2, cursor=cursor))
        seen += [task.title for task in page.data]
        cursor = page.meta.next_cursor
    assert len(seen) == len(titles)
    assert set(seen) == titles


def if_match() -> None:
    client = sign_in(new_email())
    made = create_task.sync_detailed(client=client, body=TaskRequest("one"))
    task: UUID = is_a(TaskEnvelope, made.parsed).data.id

    def change(title: str, etag: str) -> Response[object]:
        answer = patch_task.sync_detailed(task, client=client, body=PatchedTaskRequest(title), if_match=etag)
        return Response(answer.status_code, answer.content, answer.headers, answer.parsed)

    first = made.headers["ETag"]
    assert is_a(TaskEnvelope, change("two", first).parsed).data.version == 2
    late = change("three", first)
    assert is_a(PreconditionFailedFailure, late.parsed).error.code == PreconditionFailedCode.PRECONDITION_FAILED
    assert is_a(TaskEnvelope, change("three", late.headers["ETag"]).parsed).data.title == "three"


def idempotency() -> None:
    client = sign_in(new_email())
    key = str(uuid4())
    first = create_task.sync(client=client, body=TaskRequest("once"), idempotency_key=key)
    again = create_task.sync_detailed(client=client, body=TaskRequest("once"), idempotency_key=key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert is_a(TaskEnvelope, again.parsed) == first
    assert len(is_a(TaskPage, list_tasks.sync(client=client)).data) == 1


def throttled() -> None:
    body = LoginRequest(new_email(), "wrong")
    answer = login.sync_detailed(client=ANONYMOUS, body=body)
    while answer.status_code == HTTPStatus.UNAUTHORIZED:
        answer = login.sync_detailed(client=ANONYMOUS, body=body)
    assert is_a(ThrottledFailure, answer.parsed).error.code == ThrottledCode.THROTTLED
    assert int(answer.headers["Retry-After"]) >= 1


WORKFLOWS = {
    "accounts": accounts,
    "resources": resources,
    "paging": paging,
    "if_match": if_match,
    "idempotency": idempotency,
    "throttled": throttled,
}

if __name__ == "__main__":
    WORKFLOWS[sys.argv[1]]()
