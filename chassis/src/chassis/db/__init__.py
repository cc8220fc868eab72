"""What the services do with PostgreSQL: the backend, statements made once, and constraints by name."""
