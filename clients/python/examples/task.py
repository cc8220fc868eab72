"""Register, log in, make a task once however often it is sent, and complete it if nobody has changed it meanwhile."""

import os
from uuid import uuid4

from task_manager_client import AuthenticatedClient, Client
from task_manager_client.api.account import register
from task_manager_client.api.tasks import create_task, patch_task
from task_manager_client.api.tokens import login
from task_manager_client.models import (
    LoginRequest,
    PatchedTaskRequest,
    RegisterRequest,
    StatusEnum,
    TaskEnvelope,
    TaskRequest,
    TokenPairEnvelope,
)

url, email, password = os.environ["GATEWAY_URL"], f"{uuid4()}@example.com", "correct horse battery"
anonymous = Client(url)
register.sync(client=anonymous, body=RegisterRequest(email, password))
tokens = login.sync(client=anonymous, body=LoginRequest(email, password))
assert isinstance(tokens, TokenPairEnvelope), tokens
client = AuthenticatedClient(url, tokens.data.access_token)

made = create_task.sync_detailed(client=client, body=TaskRequest("Buy milk"), idempotency_key=str(uuid4()))
assert isinstance(made.parsed, TaskEnvelope), made.parsed
change = PatchedTaskRequest(status=StatusEnum.COMPLETED)
done = patch_task.sync(made.parsed.data.id, client=client, body=change, if_match=made.headers["ETag"])
assert isinstance(done, TaskEnvelope), done
print(done.data.title, done.data.status)
