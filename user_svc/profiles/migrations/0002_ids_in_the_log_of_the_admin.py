from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('profiles', '0001_initial'),
    ]

    operations = [
        # The log of the admin named rows by what they say, deleted ones too.
        migrations.RunSQL(
            "UPDATE django_admin_log SET object_repr = coalesce(object_id, 'erased')", migrations.RunSQL.noop
        ),
    ]
