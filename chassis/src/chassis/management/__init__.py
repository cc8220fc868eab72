"""The chassis's management commands."""
