"""The code that the services share: trust between them, the API contract, errors, lists, logging and health."""

from importlib.metadata import version

# Of the whole system; it stands in chassis/pyproject.toml alone.
VERSION = version("chassis")
