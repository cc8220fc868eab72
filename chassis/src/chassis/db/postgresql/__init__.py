"""Django's PostgreSQL backend, less some work that every request would pay for."""
