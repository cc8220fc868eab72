"""The table of tasks in hash partitions by owner, as a sharded database would have it (docs/scaling.md)."""

from __future__ import annotations

from typing import Any

COUNT = 8
INDEXES = """
    SELECT pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = 'tasks_task'::regclass AND NOT indisprimary
"""
PRIMARY_KEY = "ALTER TABLE tasks_task ADD PRIMARY KEY (user_id, id)"


def partition(cursor: Any) -> None:
    """Put a partitioned table with the same columns, constraints and indexes in the place of the plain one."""
    cursor.execute(INDEXES)
    indexes = [definition for (definition,) in cursor.fetchall()]
    cursor.execute("CREATE SCHEMA plain")
    # Its indexes go with it, and leave their names.
    cursor.execute("ALTER TABLE tasks_task SET SCHEMA plain")
    like = "LIKE plain.tasks_task INCLUDING ALL EXCLUDING INDEXES"
    cursor.execute(f"CREATE TABLE tasks_task ({like}) PARTITION BY HASH (user_id)")
    for number in range(COUNT):
        cursor.execute(
            f"CREATE TABLE tasks_task_{number} PARTITION OF tasks_task"
            f" FOR VALUES WITH (MODULUS {COUNT}, REMAINDER {number})"
        )
        cursor.execute(f"ALTER TABLE tasks_task_{number} ALTER user_id SET (n_distinct = 100)")
    for definition in (PRIMARY_KEY, *indexes):
        cursor.execute(definition)


def restore(cursor: Any) -> None:
    """Put the plain table back, as it was."""
    cursor.execute("DROP TABLE tasks_task")
    cursor.execute("ALTER TABLE plain.tasks_task SET SCHEMA public")
    cursor.execute("DROP SCHEMA plain")
