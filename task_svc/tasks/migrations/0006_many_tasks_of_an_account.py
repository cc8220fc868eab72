from django.db import migrations


class Migration(migrations.Migration):
    """Let PostgreSQL expect a hundredth of all tasks of an account, so that a list is read from the index of its order.

    Counted, accounts are many and most of them small: it would rather read and sort all tasks of one that is large.
    """

    dependencies = [("tasks", "0005_stored_documents")]

    operations = [
        migrations.RunSQL(
            # It is read when the table is analysed, which may be long after on a large one.
            "ALTER TABLE tasks_task ALTER user_id SET (n_distinct = 100); ANALYZE tasks_task (user_id)",
            "ALTER TABLE tasks_task ALTER user_id RESET (n_distinct)",
        )
    ]
