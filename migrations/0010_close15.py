from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0009_notices_kept")]

    operations = [
        migrations.CreateModel(
            name="BooksArchive",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=64)),
                ("sha256", models.CharField(max_length=64)),
                ("books", models.JSONField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")),
                        name="jokkerit_books_archive_digest",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Controller",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "word",
                    models.CharField(
                        choices=[("first", "First"), ("same", "Same"), ("new", "New")],
                        max_length=5,
                    ),
                ),
                ("business_id", models.CharField(max_length=20)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("since", models.DateTimeField(null=True)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=64)),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("word", "first")),
                        fields=("word",),
                        name="jokkerit_controller_first_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("business_id", ""), _negated=True),
                        name="jokkerit_controller_business_id",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("since__isnull", False), ("word", "new")),
                            models.Q(("since", None), ("word__in", ["first", "same"])),
                            _connector="OR",
                        ),
                        name="jokkerit_controller_since",
                    ),
                ],
            },
        ),
    ]
