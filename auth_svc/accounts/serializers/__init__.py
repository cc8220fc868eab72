"""The input and output of auth_svc's API, one module a subject."""
