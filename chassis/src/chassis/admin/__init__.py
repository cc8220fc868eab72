"""The admin of a service: its site, its lists of rows, and who is staff."""
