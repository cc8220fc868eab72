"""What the API of auth_svc reads and writes, one module a subject."""
