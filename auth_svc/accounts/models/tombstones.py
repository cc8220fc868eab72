"""Which accounts were deleted."""

from __future__ import annotations

from chassis.tombstones import AbstractTombstone


class Tombstone(AbstractTombstone):
    """An account that was deleted, as a keyed hash of its id."""
