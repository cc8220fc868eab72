"""Profiles: who somebody is, beside the account that they sign in with."""
