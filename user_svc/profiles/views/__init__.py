"""The views of user_svc: the account API, the resource API, and what other services ask."""
