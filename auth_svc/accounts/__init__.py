"""Accounts, the sessions behind their tokens, and the limits that protect both."""
