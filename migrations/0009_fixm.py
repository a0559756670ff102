from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jokkerit_plugin", "0008_billed_kept")]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="refused",
            field=models.BooleanField(db_default=False, default=False),
        ),
    ]
