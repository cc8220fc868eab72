"""Tasks, each owned by one account."""
