from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('tasks', '0003_indexes_over_everybodys_tasks'),
    ]

    operations = [
        # The log of the admin named rows by what they say, deleted ones too.
        migrations.RunSQL(
            "UPDATE django_admin_log SET object_repr = coalesce(object_id, 'erased')", migrations.RunSQL.noop
        ),
    ]
