from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0009_notices_kept")]

    operations = [
        migrations.CreateModel(
            name="Parting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("known", models.JSONField()),
            ],
            options={"default_permissions": ()},
        ),
        migrations.AddField(
            model_name="marketingevent",
            name="copied",
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name="trace",
            name="heard",
            field=models.CharField(blank=True, db_default="", max_length=32),
        ),
        migrations.AddField(
            model_name="trace",
            name="said",
            field=models.CharField(blank=True, db_default="", max_length=32),
        ),
        migrations.AlterField(
            model_name="sweep",
            name="name",
            field=models.CharField(
                choices=[
                    ("backfill", "Backfill"),
                    ("reconcile", "Reconcile"),
                    ("by_hand", "By Hand"),
                    ("marketing", "Marketing"),
                    ("checks", "Checks"),
                    ("strangers", "Strangers"),
                ],
                max_length=9,
            ),
        ),
        migrations.AddIndex(
            model_name="marketingevent",
            index=models.Index(
                condition=models.Q(("copied", False), ("kind__in", ["profile", "no_profile"])),
                fields=["id"],
                name="jokkerit_marketing_copy",
            ),
        ),
        migrations.AddIndex(
            model_name="trace",
            index=models.Index(
                condition=models.Q(("said", models.F("heard")), _negated=True),
                fields=["id"],
                name="jokkerit_trace_unheard",
            ),
        ),
    ]
