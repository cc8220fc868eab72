"""How much one account may store, so that none fills the disk of all."""

from __future__ import annotations

import threading
from uuid import UUID

from cachetools import TTLCache
from chassis.exceptions import LimitReached
from django.conf import settings
from django.db import connection

COUNT_TASKS = "SELECT count(*) FROM (SELECT 1 FROM tasks_task WHERE user_id = %s LIMIT %s) AS own"
COUNT_KEYS = """
    SELECT count(*), coalesce(sum(pg_column_size(body)), 0) FROM tasks_idempotencykey
    WHERE user_id = %s AND expires_at > now()
"""
# Of an account's remembered replies, as they are stored. One reply to a bulk request may be a mebibyte.
MAX_REPLY_BYTES = 64 * 1024 * 1024

# An account with room for so many more tasks is not counted again for five seconds: PostgreSQL cannot
# insert as many in that time.
ROOMY = 20_000
_roomy: TTLCache[UUID, None] = TTLCache(maxsize=10_000, ttl=5)
_lock = threading.Lock()


def check_tasks(user_id: UUID, more: int) -> None:
    """Raise LimitReached unless the account may have so many tasks more."""
    with _lock:
        if user_id in _roomy:
            return
    with connection.cursor() as cursor:
        cursor.execute(COUNT_TASKS, [user_id, settings.MAX_TASKS])
        (count,) = cursor.fetchone()
    if count + more > settings.MAX_TASKS:
        raise LimitReached(f"An account has {settings.MAX_TASKS} tasks at most; delete some first.")
    if settings.MAX_TASKS - count > ROOMY:
        with _lock:
            _roomy[user_id] = None


def check_keys(user_id: UUID) -> None:
    """Raise LimitReached unless one more reply of the account may be remembered."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_KEYS, [user_id])
        count, stored = cursor.fetchone()
    if count >= settings.MAX_IDEMPOTENCY_KEYS or stored >= MAX_REPLY_BYTES:
        raise LimitReached("The account has used too many keys in 24 hours; leave Idempotency-Key out, or wait.")
