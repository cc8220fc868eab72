"""The views of auth_svc, one module a subject."""
