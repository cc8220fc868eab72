"""The local stack: embedded PostgreSQL, the services, the worker and the gateway under one supervisor."""
