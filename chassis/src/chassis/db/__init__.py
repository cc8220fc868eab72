"""The database of a service: the backend, statements made once, and constraints by name."""
