"""The views of task_svc: the account API, the resource API, and what other services ask."""
