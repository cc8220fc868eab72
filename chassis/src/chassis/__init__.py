"""What the services share: trust between them, the API contract, errors, lists, logging and health."""
