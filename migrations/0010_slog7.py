import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jokkerit_plugin", "0009_notices_kept"),
    ]

    operations = [
        migrations.AddField(
            model_name="downloadlink",
            name="asked",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="downloadlink",
            name="file",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.AlterField(
            model_name="downloadlink",
            name="export",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links",
                to="jokkerit_plugin.export",
            ),
        ),
        migrations.AddConstraint(
            model_name="downloadlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("asked__isnull", False),
                        ("export__isnull", True),
                        models.Q(("file", ""), _negated=True),
                    ),
                    models.Q(("asked__isnull", True), ("export__isnull", False), ("file", "")),
                    _connector="OR",
                ),
                name="jokkerit_link_one_file",
            ),
        ),
    ]
