from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0009_notices_kept")]

    operations = [
        migrations.AddField("purchase", "objected_at", models.DateTimeField(null=True)),
        migrations.AddField("breachsearch", "strangers", models.BigIntegerField(null=True)),
    ]
